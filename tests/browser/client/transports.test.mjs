// comet.mjs without a browser: which transport it takes.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {control, data} from '../support/fake_net.mjs';
import {listen, net, notes, open, seen} from '../support/listener.mjs';

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

  test('a page is not told that it listens while the server is only asked whether it is there', async () => {
    const comet = await listen({channels: {a: 5}, transports: ['sse']});
    net.last.open();
    net.pong = () => new Promise(() => {});
    net.last.hooks.text('<html>Log in to the network');
    await net.settle();
    assert.equal(comet.state, 'connecting');
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

  test('a server that is not there is asked for by one attempt at a time', async () => {
    net.vanish();
    await listen({channels: 'a'});
    for (let i = 1; i < 4; ++i) {
      net.last.end();
      await net.settle();
      assert.equal(notes.at(-1), 'waiting');
      assert.equal(net.attempts.length, i);
      await net.pass(500 * 2 ** i - 1);
      assert.equal(net.attempts.length, i);
      await net.pass(1);
      assert.equal((await net.attempt(i + 1)).transport, 'ws');
    }
  });

  test('one that has worked is not left while the server is away', async () => {
    await open();
    net.vanish();
    for (let i = 0; i < 20; ++i) {
      net.last.end();
      await net.pass(30_000);
    }
    assert.deepEqual([...new Set(net.attempts.map((one) => one.transport))], ['ws']);
  });

  test('an answer to /ping that does not come is not waited for', async () => {
    net.pong = () => new Promise(() => {});
    const comet = await listen({channels: 'a'});
    net.last.end();
    await net.pass(4999);
    assert.equal(comet.state, 'connecting');
    await net.pass(1);
    assert.equal(comet.state, 'waiting');
    await net.pass(1000);
    assert.equal((await net.attempt(2)).transport, 'ws');
  });

  test('an answer to /ping that comes after close() changes nothing', async () => {
    let answer;
    net.pong = () => new Promise((resolve) => answer = resolve);
    const comet = await listen({channels: 'a'});
    net.last.end();
    await net.settle();
    comet.close();
    answer({json: {sub_timeout: 30}});
    await net.settle();
    assert.equal(net.timers.size, 0);
    await net.attempt(1);
  });

  test('an answer to /ping that comes when another attempt is on its way leaves that alone', async () => {
    let answer;
    net.pong = () => new Promise((resolve) => answer = resolve);
    const comet = await listen({channels: {a: 1}});
    net.last.end();
    await net.settle();
    net.happen('online');
    const second = await net.attempt(2);
    answer({json: {sub_timeout: 30}});
    await net.settle();
    second.open();
    second.say(data('a', 1));
    assert.deepEqual(seen, ['1']);
    assert.equal(comet.state, 'open');
  });

  test('each is tried at once where a proxy does not know /ping', async () => {
    net.pong = () => ({status: 404});
    await listen({channels: {a: 1}});
    for (const transport of ['ws', 'sse', 'stream', 'poll']) {
      assert.equal(net.last.transport, transport);
      net.last.end(404);
      await net.settle();
    }
    assert.equal(notes.at(-1), 'waiting');
  });

  // A network that wants a login, a proxy's page for errors.
  test('while something else answers for the server each has its turn, with pauses', async () => {
    net.pong = () => ({json: {login: 'please'}});
    await listen({channels: 'a'});
    const tried = [];
    for (let i = 0; i < 18; ++i) {
      tried.push(net.last.transport);
      net.last.end();
      await net.settle();
      assert.equal(notes.at(-1), 'waiting');
      await net.pass(30_000);
    }
    assert.deepEqual([...new Set(tried)], ['ws', 'sse', 'stream', 'poll']);
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
