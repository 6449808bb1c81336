// comet.mjs without a browser: what reaches the page, once and in order, and the gaps that it is told of.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {Comet} from '../../../comet/web/client/comet.mjs';
import {control, data} from '../support/fake_net.mjs';
import {listen, net, notes, open, seen} from '../support/listener.mjs';

describe('addresses', () => {
  test('parameters go in step, with every name encoded', async () => {
    await listen({channels: {'a&b': {seq: 3, token: 'x=y'}, 'é 日': 0}}, 'https://example.org/push/?k=v');
    assert.equal(net.last.url.href, 'wss://example.org/push/ws?k=v&cname=a%26b&seq=3&token=x%3Dy&cname=%C3%A9%20%E6%97%A5&seq=0&token=');
  });

  test('channels may be a name, a list, or numbers', async () => {
    for (const [channels, wanted] of [['a', {a: '0'}], [['a', 'b'], {a: '0', b: '0'}], [{a: 7}, {a: '7'}], [{a: {seq: 2}}, {a: '2'}]]) {
      const comet = await listen({channels});
      assert.deepEqual(net.last.wanted, wanted);
      comet.close();
    }
  });

  // And pages that were written for iComet have proxies that know /sub.
  test('polls want bare JSON', async () => {
    await listen({channels: 'a', transports: ['poll']});
    assert.equal(net.last.url.pathname, '/sub');
    assert.equal(net.last.url.searchParams.get('cb'), null);
  });

  test('numbers may be strings, or none', async () => {
    await listen({channels: {a: '7', b: null, c: undefined, d: 'x', e: {seq: '8'}, f: {token: 't'}, g: 1.5}});
    assert.deepEqual(net.last.wanted, {a: '7', b: '0', c: '0', d: '0', e: '8', f: '0', g: '1'});
  });
});

describe('messages', () => {
  test('come once and in order, whatever is repeated', async () => {
    await open();
    net.last.say(data('a', 1), data('a', 2), data('a', 2), data('a', 1), data('a', 3));
    assert.deepEqual(seen, ['1', '2', '3']);
    assert.deepEqual(notes, ['connecting', 'open']);
  });

  test('of a channel that nobody listens to are left out', async () => {
    await open();
    net.last.say(data('b', 1));
    assert.deepEqual(seen, []);
  });

  test('a broadcast takes a number, and its next_seq says nothing new', async () => {
    const comet = await open();
    net.last.say(data('a', 1), control('broadcast', 'a', 2, 'all'), control('next_seq', 'a', 3), data('a', 3));
    assert.deepEqual(seen, ['1', 'all', '3']);
    assert.equal(comet.next('a'), 4);
    assert.deepEqual(notes, ['connecting', 'open']);
  });

  test('one that throws in the page stops nothing', async () => {
    await open({channels: {a: 1}, onmessage: (message) => {
      seen.push(message.content);
      throw new Error('of the page');
    }});
    net.last.say(data('a', 1), data('a', 2));
    assert.deepEqual(seen, ['1', '2']);
    for (const _ of seen) await assert.rejects(net.pass(0), /of the page/);
  });

  test('of a channel that is left when its gap is told do not come', async () => {
    const comet = await open({channels: {a: 1}, ongap: () => comet.close()});
    net.last.say(data('a', 5));
    assert.deepEqual(seen, []);
  });

  test('that are none are passed over', async () => {
    await open();
    net.last.hooks.say([null, 7, 'x', [], {}, [null, data('a', 1)]]);
    assert.deepEqual(seen, ['1']);
    assert.equal(net.attempts.length, 1);
  });

  test('after close() none come', async () => {
    const comet = await open();
    const {last} = net;
    last.say(data('a', 1));
    comet.close();
    assert.ok(last.ended);
    last.say(data('a', 2));
    last.end();
    await net.pass(1e6);
    assert.deepEqual(seen, ['1']);
    assert.equal(net.attempts.length, 1);
    assert.deepEqual(net.listeners, {});
    assert.equal(net.timers.size, 0);
    assert.equal(comet.state, 'closed');
  });

  test('close() in the middle of what one read brought is obeyed', async () => {
    const comet = await listen({channels: {a: 1}, transports: ['poll'], onmessage: (message) => {
      seen.push(message.content);
      comet.close();
    }});
    net.last.say(data('a', 1), data('a', 2));
    await net.settle();
    assert.deepEqual(seen, ['1']);
  });

  test('lines of a stream may be cut anywhere', async () => {
    await listen({channels: {a: 1}, transports: ['stream']});
    let body;
    const bytes = new TextEncoder().encode([1, 2, 3].map((seq) => JSON.stringify(data('a', seq, `é日👋${seq}`)) + '\n').join(''));
    for (let size = 1; size < 40; ++size) {
      const comet = new Comet('http://x', {channels: {a: 1}, transports: ['stream'], onmessage: (message) => seen.push(message.content)});
      globalThis.fetch = async (url) => url.includes('/ping') ? Promise.reject(new TypeError('none')) : ({ok: true, body: new ReadableStream({start: (controller) => body = controller})});
      await net.pass(0);
      for (let at = 0; at < bytes.length; at += size) body.enqueue(bytes.slice(at, at + size));
      for (let at = 0; at < bytes.length; at += size) await net.settle();
      assert.deepEqual(seen.splice(0), ['é日👋1', 'é日👋2', 'é日👋3'], `parts of ${size}`);
      comet.close();
    }
  });
});

describe('gaps', () => {
  test('a first message that is later than asked for', async () => {
    await open({channels: {a: 5}});
    net.last.say(data('a', 8), data('a', 9));
    assert.deepEqual(notes.slice(2), [['gap', 'a', 5, 7]]);
    assert.deepEqual(seen, ['8', '9']);
  });

  test('next_seq that jumps', async () => {
    const comet = await open();
    net.last.say(data('a', 1), control('next_seq', 'a', 10), data('a', 10));
    assert.deepEqual(notes.slice(2), [['gap', 'a', 2, 9]]);
    assert.equal(comet.next('a'), 11);
  });

  test('none where the first number was not known', async () => {
    await open({channels: 'a'});
    net.last.say(control('next_seq', 'a', 42), data('a', 42));
    assert.deepEqual(notes, ['connecting', 'open']);
  });

  test('close tells what was not seen', async () => {
    await open();
    net.last.say(data('a', 1), control('close', 'a', 4));
    assert.deepEqual(notes.slice(2), [['gap', 'a', 2, 3], 'closed', ['close', 'a', 'close', 4]]);
  });

  test('a server that forgot the channel: what it has now is all new', async () => {
    await open({channels: {a: 500}});
    net.last.say(control('next_seq', 'a', 4));
    assert.deepEqual(notes.slice(2, 3), [['gap', 'a', 500, null]]);
    const again = await net.attempt(2);
    assert.deepEqual(again.wanted, {a: '1'});
    again.open();
    again.say(data('a', 1), data('a', 2), data('a', 3));
    assert.deepEqual(seen, ['1', '2', '3']);
  });

  test('a server that forgot the channel: what the same answer brings is asked for again, in order', async () => {
    await listen({channels: {a: 500}, transports: ['poll']});
    net.last.say(control('next_seq', 'a', 4), data('a', 4));
    await net.settle();
    assert.deepEqual(seen, []);
    net.last.say(data('a', 1), data('a', 2), data('a', 3), data('a', 4));
    await net.settle();
    assert.deepEqual(seen, ['1', '2', '3', '4']);
  });

  test('a server that forgot the channel and has nothing new is not asked again', async () => {
    await open({channels: {a: 500}});
    net.last.say(control('next_seq', 'a', 1), data('a', 1));
    await net.pass(1000);
    assert.equal(net.attempts.length, 1);
    assert.deepEqual(seen, ['1']);
  });
});
