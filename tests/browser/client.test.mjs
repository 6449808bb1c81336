// comet.mjs without a browser: what it does about gaps, losses, silence and refusals.

import assert from 'node:assert/strict';
import {afterEach, beforeEach, describe, test} from 'node:test';

import {Comet} from '../../comet/web/client/comet.mjs';
import {FakeNet, control, data} from './support/fake_net.mjs';

let net;
let seen;   // contents, in order
let notes;  // everything else that the page was told

beforeEach(() => {
  net = new FakeNet();
  net.install();
  seen = [];
  notes = [];
});
afterEach(() => net.remove());

async function listen(options, url = 'http://push.example.org:8100') {
  const comet = new Comet(url, {
    onmessage: (message) => seen.push(message.content),
    ongap: (...gap) => notes.push(['gap', ...gap]),
    onclose: (...why) => notes.push(['close', ...why]),
    onstate: (state) => notes.push(state),
    ...options,
  });
  await net.pass(0);
  return comet;
}

// Over a WebSocket that works.
async function open(options = {channels: {a: 1}}) {
  const comet = await listen(options);
  net.last.open();
  await net.settle();
  return comet;
}

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

  test('polls want bare JSON', async () => {
    await listen({channels: 'a', transports: ['poll']});
    assert.equal(net.last.url.searchParams.get('cb'), '');
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
    await assert.rejects(net.pass(0), /of the page/);
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
    assert.deepEqual(notes.slice(2), [['gap', 'a', 2, 3], 'closed', ['close', 'a', 'close']]);
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

describe('a loss', () => {
  test('resumes every channel at the number after the last', async () => {
    await open({channels: {a: 1, b: 7}});
    net.last.say(data('a', 1), data('b', 7), data('a', 2));
    net.last.end();
    await net.pass(1000);
    assert.deepEqual((await net.attempt(2)).wanted, {a: '3', b: '8'});
    net.last.open();
    net.last.say(data('a', 2), data('a', 3));
    assert.deepEqual(seen, ['1', '7', '2', '3']);
    assert.deepEqual(notes, ['connecting', 'open', 'waiting', 'connecting', 'open']);
  });

  test('what a former connection still says does not count', async () => {
    await open();
    const former = net.last;
    former.say(data('a', 1));
    former.end();
    await net.pass(1000);
    former.say(data('a', 2));
    former.open();
    former.end();
    assert.equal(notes.at(-1), 'connecting');
    net.last.open();
    net.last.say(data('a', 2));
    assert.deepEqual(seen, ['1', '2']);
    assert.equal(net.attempts.length, 2);
  });

  test('pauses grow with full jitter up to half a minute', async () => {
    await listen({channels: 'a', transports: ['ws']});
    const pauses = [];
    for (let i = 0; i < 8; ++i) {
      net.last.end();
      const count = net.attempts.length;
      const before = net.now;
      while (net.attempts.length === count) await net.pass(250);
      pauses.push(net.now - before);
    }
    assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000]);  // half of what they may be
  });

  test('after a clean end it comes back within a second', async () => {
    await open();
    net.last.end(1001);
    await net.pass(500);
    assert.equal(net.attempts.length, 2);
  });

  test('a connection that is lost again and again at once is not asked for each time at once', async () => {
    await open();
    for (let i = 2; i < 6; ++i) {
      net.last.end();
      const {length} = net.attempts;
      await net.pass(500 * 2 ** (i - 1) - 10);
      assert.equal(net.attempts.length, length);
      await net.pass(10);
      net.last.open();
      await net.settle();
    }
  });

  test('after a connection that lasted the pauses begin anew', async () => {
    await listen({channels: {a: 1}, transports: ['ws']});
    for (let i = 0; i < 4; ++i) {
      net.last.end();
      await net.pass(20_000);
    }
    net.last.open();
    await net.pass(5001);
    const {length} = net.attempts;
    net.last.end();
    await net.pass(500);
    assert.equal(net.attempts.length, length + 1);
  });

  test('online and coming into view try at once', async () => {
    await listen({channels: 'a', transports: ['ws']});
    for (let i = 0; i < 4; ++i) {
      net.last.end();
      await net.pass(100_000);
    }
    net.last.end();
    const {length} = net.attempts;
    net.listeners.visibilitychange();
    await net.attempt(length + 1);
    net.last.end();
    net.listeners.online();
    await net.attempt(length + 2);
  });

  test('online leaves the connection of the former network', async () => {
    await open();
    const former = net.last;
    former.say(data('a', 1));
    net.listeners.online();
    assert.ok(former.ended);
    assert.deepEqual((await net.attempt(2)).wanted, {a: '2'});
  });
});

describe('transports', () => {
  test('each is tried at once where the one before does not connect', async () => {
    await listen({channels: {a: 1}});
    for (const transport of ['ws', 'sse', 'stream']) {
      assert.equal(net.last.transport, transport);
      net.last.end();
      await net.settle();
    }
    assert.equal(net.last.transport, 'poll');
    net.last.say(data('a', 1));
    await net.settle();
    assert.deepEqual(net.last.wanted, {a: '2'});
    assert.deepEqual(seen, ['1']);
    assert.deepEqual(notes, ['connecting', 'open']);
  });

  test('one that opens and then says nothing though it should is left', async () => {
    await listen({channels: 'a'});
    net.last.open();
    await net.pass(4999);
    assert.equal(net.attempts.length, 1);
    await net.pass(1);
    assert.equal(net.last.transport, 'sse');
    assert.ok(net.attempts[0].ended);
    net.attempts[0].say(control('next_seq', 'a', 3));
    assert.equal(notes.at(-1), 'connecting');
    net.last.say(control('next_seq', 'a', 4), data('a', 4));
    assert.deepEqual(seen, ['4']);
  });

  test('one that has nothing to say may be silent', async () => {
    await open({channels: {a: 5}});
    await net.pass(30_000);
    assert.equal(net.attempts.length, 1);
    assert.equal(notes.at(-1), 'open');
  });

  test('a poll that waits is no failure', async () => {
    const comet = await listen({channels: {a: 5}, transports: ['poll']});
    await net.pass(5000);
    assert.equal(comet.state, 'open');
    await net.pass(20_000);
    assert.equal(net.attempts.length, 1);
    net.last.say(data('a', 5));
    await net.attempt(2);
  });

  test('something else that answers is left', async () => {
    await listen({channels: {a: 5}, transports: ['sse', 'stream']});
    net.last.open();
    net.last.hooks.text('<html>Log in to the network');
    await net.settle();
    assert.equal(net.last.transport, 'stream');
    assert.ok(net.attempts[0].ended);
  });

  test('the one that worked is remembered', async () => {
    await listen({channels: {a: 1}});
    net.last.end();
    await net.settle();
    assert.equal(net.last.transport, 'sse');
    net.last.say(data('a', 1));
    net.last.end();
    await net.pass(1000);
    assert.equal(net.last.transport, 'sse');
    net.last.end();
    await net.pass(2000);
    assert.equal(net.last.transport, 'sse');
  });

  test('a better one is tried again after five minutes', async () => {
    await listen({channels: {a: 1}});
    net.last.end();
    await net.settle();
    net.last.say(data('a', 1));
    for (let i = 0; i < 10; ++i) {
      await net.pass(30_000);
      net.last.say(control('noop', 'a', i));
    }
    net.last.end();
    await net.pass(1000);
    assert.equal(net.last.transport, 'ws');
    net.last.open();
    net.last.say(data('a', 2));
    assert.deepEqual(seen, ['1', '2']);
  });

  test('polls end by themselves to try a better one', async () => {
    await listen({channels: {a: 1}});
    for (let i = 0; i < 3; ++i) {
      net.last.end();
      await net.settle();
    }
    for (let i = 0; i < 11; ++i) {
      assert.equal(net.attempts.length, 4 + i);
      assert.equal(net.last.transport, 'poll');
      net.last.say(control('noop', 'a', i));
      await net.pass(i < 10 ? 30_000 : 1000);
    }
    assert.equal(net.last.transport, 'ws');
  });

  test('when none connects all rest', async () => {
    await listen({channels: 'a'});
    for (let i = 0; i < 4; ++i) {
      net.last.end();
      await net.settle();
    }
    assert.equal(net.attempts.length, 4);
    assert.equal(notes.at(-1), 'waiting');
    await net.pass(1000);
    assert.equal(net.last.transport, 'ws');
  });

  test('what the browser does not have is not tried', async () => {
    net.remove();
    net.install(['ReadableStream', 'fetch']);
    await listen({channels: 'a'});
    assert.equal(net.last.transport, 'stream');
  });

  test('a WebSocket that may not even be made is passed over', async () => {
    globalThis.WebSocket = class {
      constructor() {
        throw new Error('mixed content');
      }
    };
    await listen({channels: 'a'});
    await net.settle();
    assert.equal(net.last.transport, 'sse');
  });
});

describe('silence', () => {
  test('of 1.3 times what /ping says is a loss', async () => {
    await open();
    assert.equal(net.pings, 1);
    net.last.say(data('a', 1));
    await net.pass(30_000);
    net.last.say(control('noop', 'a', 0));
    await net.pass(38_999);
    assert.equal(net.attempts.length, 1);
    await net.pass(1);
    assert.ok(net.attempts[0].ended);
    await net.pass(1000);
    assert.equal(net.attempts.length, 2);
    assert.equal(net.last.transport, 'ws');
    assert.deepEqual(net.last.wanted, {a: '2'});
  });

  test('a short heartbeat may be late by its second', async () => {
    net.subTimeout = 1;
    await open();
    net.last.say(data('a', 1));
    await net.pass(3999);
    assert.equal(net.attempts.length, 1);
    await net.pass(1001);
    assert.equal(net.attempts.length, 2);
  });

  test('of one that never said a word speaks against its transport', async () => {
    await open({channels: {a: 9}});
    await net.pass(39_000);
    net.last.end();
    await net.pass(40_000);
    assert.ok(net.attempts.some((one) => one.transport === 'sse'));
  });

  test('asks /ping anew', async () => {
    await open();
    net.last.say(data('a', 1));
    await net.pass(40_000);
    net.last.open();
    await net.settle();
    assert.equal(net.pings, 2);
  });
});

describe('refusals', () => {
  test('a token is asked for before, and again after 401', async () => {
    const asked = [];
    await open({channels: {a: 1}, token: async (name) => {
      asked.push(name);
      return `t${asked.length}`;
    }});
    assert.deepEqual(net.last.tokens, ['t1']);
    net.last.say(control('401', 'a', 0, 'Token error'));
    net.last.end(1000);
    await net.pass(2000);
    assert.deepEqual((await net.attempt(2)).tokens, ['t2']);
    assert.deepEqual(asked, ['a', 'a']);
  });

  test('a token that can not be had is asked for later, and no transport is blamed', async () => {
    let fails = 3;
    await listen({channels: {a: 1}, token: async () => {
      if (fails-- > 0) throw new Error('not now');
      return 't';
    }});
    assert.equal(net.attempts.length, 0);
    await net.pass(30_000);
    assert.equal(net.attempts[0].transport, 'ws');
    assert.deepEqual(net.attempts[0].tokens, ['t']);
  });

  test('401 without a way to a new token ends the channel', async () => {
    await open({channels: {a: {seq: 1, token: 'old'}, b: 1}});
    net.last.say(control('401', 'a', 0, 'Token error'));
    assert.deepEqual(notes.at(-1), ['close', 'a', '401']);
    net.last.say(data('b', 1));
    assert.deepEqual(seen, ['1']);
  });

  test('429 is tried again, later each time', async () => {
    await open();
    for (let i = 1; i < 5; ++i) {
      net.last.say(control('429', 'a', 0, 'Too many subscribers'));
      net.last.end(1000);
      await net.pass(500 * 2 ** i - 10);
      assert.equal(net.attempts.length, i);
      await net.pass(10);
      assert.equal(net.attempts.length, i + 1);
      net.last.open();
    }
  });

  test('429 of one channel leaves the others alone meanwhile', async () => {
    await open({channels: {a: 1, b: 1}});
    net.last.say(control('429', 'a', 0), data('b', 1));
    await net.pass(900);
    net.last.say(data('b', 2));
    assert.deepEqual(seen, ['1', '2']);
    await net.pass(100);
    assert.deepEqual((await net.attempt(2)).wanted, {a: '1', b: '3'});
    assert.ok(net.attempts[0].ended);
  });

  test('a status that is none of 200 is a failure', async () => {
    await listen({channels: 'a', transports: ['stream', 'poll']});
    net.last.end(503);
    await net.settle();
    assert.equal(net.last.transport, 'poll');
    net.last.end(503);
    await net.settle();
    assert.equal(notes.at(-1), 'waiting');
  });
});

describe('channels come and go', () => {
  test('by operations on a WebSocket', async () => {
    const comet = await open({channels: {a: 1}, token: (name) => `t-${name}`});
    comet.subscribe('b', 9);
    await net.settle();
    assert.deepEqual(net.last.sent, [{op: 'subscribe', cname: 'b', seq: 9, token: 't-b'}]);
    net.last.say(control('subscribed', 'b', 9), data('b', 9));
    comet.unsubscribe('a');
    assert.deepEqual(net.last.sent.at(-1), {op: 'unsubscribe', cname: 'a'});
    net.last.say(data('a', 1), control('unsubscribed', 'a', 0));
    assert.deepEqual(seen, ['9']);
    assert.equal(net.attempts.length, 1);
    net.last.end();
    await net.pass(1000);
    assert.deepEqual(net.last.wanted, {b: '10'});
  });

  test('on the others by coming back, once for several', async () => {
    const comet = await listen({channels: {a: 1}, transports: ['sse']});
    net.last.open();
    net.last.say(data('a', 1));
    comet.subscribe('b');
    comet.subscribe('c', 5);
    comet.unsubscribe('a');
    await net.pass(0);
    assert.ok(net.attempts[0].ended);
    assert.deepEqual((await net.attempt(2)).wanted, {b: '0', c: '5'});
  });

  test('an answer that begins later than asked for is a gap', async () => {
    const comet = await open();
    comet.subscribe('b', 3);
    await net.settle();
    net.last.say(control('subscribed', 'b', 6));
    assert.deepEqual(notes.at(-1), ['gap', 'b', 3, 5]);
    net.last.say(data('b', 6));
    assert.deepEqual(seen, ['6']);
  });

  test('one that is refused is told', async () => {
    const comet = await open();
    comet.subscribe('b');
    await net.settle();
    net.last.say({type: 'error', op: 'subscribe', cname: 'b', reason: 'too many channels'});
    assert.deepEqual(notes.at(-1), ['close', 'b', 'too many channels']);
    assert.equal(comet.next('b'), undefined);
  });

  test('the last one to go ends the connection, and a new one begins it', async () => {
    const comet = await open();
    comet.unsubscribe('a');
    assert.ok(net.last.ended);
    assert.equal(comet.state, 'closed');
    comet.subscribe('b');
    await net.pass(0);
    assert.deepEqual((await net.attempt(2)).wanted, {b: '0'});
  });

  test('to subscribe twice is to subscribe once', async () => {
    const comet = await open();
    comet.subscribe('a', 99);
    await net.settle();
    assert.deepEqual(net.last.sent, []);
    assert.equal(comet.next('a'), 1);
  });
});
