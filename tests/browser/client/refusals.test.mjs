// comet.mjs without a browser: what it does when it is refused.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {control, data} from '../support/fake_net.mjs';
import {listen, net, notes, open, seen} from '../support/listener.mjs';

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

  test('a token that can not be had is asked for later, and the other channels do not wait for it', async () => {
    let fails = 3;
    await open({channels: {a: 1, b: 1}, token: async (name) => {
      if (name === 'a' && fails-- > 0) throw new Error('not now');
      return `t-${name}`;
    }});
    for (let i = 1; i < 4; ++i) {
      assert.deepEqual(net.last.tokens, ['', 't-b']);
      net.last.say(control('401', 'a', 0, 'Token error'), data('b', i));
      await net.pass(500 * 2 ** i - 10);
      await net.attempt(i);
      await net.pass(10);
      (await net.attempt(i + 1)).open();
    }
    assert.deepEqual(net.last.tokens, ['t-a', 't-b']);
    assert.deepEqual(seen, ['1', '2', '3']);
  });

  test('a token that does not come is asked for later, and the other channels do not wait for it', async () => {
    const asked = [];
    const comet = await listen({channels: {a: 1, b: 1}, token: (name) => {
      asked.push(name);
      if (name === 'b') return 't-b';
      return asked.length < 3 ? new Promise(() => {}) : 't-a';
    }});
    await net.attempt(0);
    await net.pass(4999);
    await net.attempt(0);
    await net.pass(1);
    assert.deepEqual((await net.attempt(1)).tokens, ['', 't-b']);
    net.last.open();
    net.last.say(control('401', 'a', 0, 'Token error'), data('b', 1));
    await net.pass(2000);
    assert.deepEqual((await net.attempt(2)).tokens, ['t-a', 't-b']);
    assert.deepEqual(asked, ['a', 'b', 'a']);
    assert.deepEqual(seen, ['1']);
    assert.equal(comet.state, 'connecting');
  });

  test('a token that comes late is that of the next attempt', async () => {
    let give;
    await listen({channels: {a: 1}, token: () => new Promise((resolve) => give = resolve)});
    await net.pass(5000);
    (await net.attempt(1)).open();
    net.last.say(control('401', 'a', 0, 'Token error'));
    give('late');
    await net.pass(2000);
    assert.deepEqual((await net.attempt(2)).tokens, ['late']);
  });

  test('a channel that is added is asked for without its token where none comes', async () => {
    const comet = await open({channels: {a: {seq: 1, token: 't-a'}}, token: () => new Promise(() => {})});
    comet.subscribe('b', 9);
    await net.pass(4999);
    assert.deepEqual(net.last.sent, []);
    await net.pass(1);
    assert.deepEqual(net.last.sent, [{op: 'subscribe', cname: 'b', seq: 9}]);
  });

  test('401 of many channels at once is one refusal', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await open({channels: names, token: () => 't'});
    net.last.say(...names.map((name) => control('401', name, 0, 'Token error')));
    await net.pass(1000);
    await net.attempt(2);
  });

  test('401 without a way to a new token ends the channel', async () => {
    await open({channels: {a: {seq: 1, token: 'old'}, b: 1}});
    net.last.say(control('401', 'a', 0, 'Token error'));
    assert.deepEqual(notes.at(-1), ['close', 'a', '401', 1]);
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

  test('Retry-After is kept to, and no other transport is tried meanwhile', async () => {
    await listen({channels: 'a', transports: ['stream', 'poll']});
    net.last.end(503, {'Retry-After': '10'});
    await net.pass(10_999);
    await net.attempt(1);
    await net.pass(1);
    await net.attempt(2);
    assert.equal(net.pings, 0);
  });

  test('Retry-After counts where /ping says it', async () => {
    net.pong = () => ({status: 503, headers: {'Retry-After': '20'}});
    await listen({channels: 'a'});
    net.last.end();
    await net.pass(20_999);
    await net.attempt(1);
    await net.pass(1);
    assert.equal((await net.attempt(2)).transport, 'ws');
  });

  test('Retry-After of days, or a date, is not', async () => {
    for (const [value, pause] of [['999999999', 301_000], ['Fri, 31 Dec 2027 23:59:59 GMT', 1000], ['-5', 1000]]) {
      const comet = await listen({channels: 'a', transports: ['poll']});
      const {length} = net.attempts;
      net.last.end(429, {'Retry-After': value});
      await net.pass(pause);
      await net.attempt(length + 1);
      comet.close();
    }
  });

  test('Retry-After is forgotten when it is over', async () => {
    await listen({channels: {a: 1}, transports: ['poll']});
    net.last.end(503, {'Retry-After': '10'});
    await net.pass(11_000);
    (await net.attempt(2)).end();
    await net.pass(2000);
    await net.attempt(3);
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
