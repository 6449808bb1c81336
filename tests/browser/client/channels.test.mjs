// comet.mjs without a browser: channels come and go.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {control, data} from '../support/fake_net.mjs';
import {listen, net, notes, open, seen} from '../support/listener.mjs';

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

  test('while the server is away without asking for it sooner', async () => {
    net.vanish();
    const comet = await listen({channels: {a: 1}});
    net.last.end();
    await net.settle();
    comet.subscribe('b', 5);
    comet.unsubscribe('a');
    await net.pass(999);
    await net.attempt(1);
    await net.pass(1);
    assert.deepEqual((await net.attempt(2)).wanted, {b: '5'});
  });

  test('and one that comes back at once is not taken for its former self', async () => {
    const comet = await open({channels: {a: 1, b: 1}});
    const former = net.last;
    former.say(data('b', 1), data('b', 2));
    comet.unsubscribe('b');
    comet.subscribe('b', 2);
    former.say(data('b', 3));
    await net.pass(0);
    assert.deepEqual((await net.attempt(2)).wanted, {a: '1', b: '2'});
    net.last.open();
    net.last.say(data('b', 2), data('b', 3));
    assert.deepEqual(seen, ['1', '2', '2', '3']);
    assert.ok(!notes.some((note) => note[0] === 'gap'));
  });

  test('and one that comes back later does so on the same connection', async () => {
    const comet = await open({channels: {a: 1, b: 1}});
    comet.unsubscribe('b');
    net.last.say({type: 'unsubscribed', cname: 'b'});
    comet.subscribe('b', 2);
    await net.pass(0);
    await net.attempt(1);
    assert.deepEqual(net.last.sent.at(-1), {op: 'subscribe', cname: 'b', seq: 2});
  });

  test('and a token that can not be had does not disturb the others', async () => {
    const comet = await open({channels: {a: {seq: 1, token: 't'}}, token: () => Promise.reject(new Error('not now'))});
    comet.subscribe('b', 4);
    await net.pass(0);
    await net.attempt(1);
    assert.deepEqual(net.last.sent, [{op: 'subscribe', cname: 'b', seq: 4}]);
  });

  test('but a name that no channel can have is told and does not go to the server', async () => {
    const names = ['', 'x\n', 'x\u0085', '\ud800', 'é'.repeat(128)];
    const comet = await listen({channels: {a: 1, ...Object.fromEntries(names.slice(0, 3).map((name) => [name, 1]))}});
    assert.deepEqual(net.last.wanted, {a: '1'});
    net.last.open();
    for (const name of names.slice(3)) comet.subscribe(name);
    await net.pass(0);
    assert.deepEqual(net.last.sent, []);
    assert.deepEqual(notes.filter((note) => note[0] === 'close'), names.map((name) => ['close', name, 'invalid name']));
    net.last.say(data('a', 1));
    assert.deepEqual(seen, ['1']);
  });

  test('and the longest name that there may be is let through', async () => {
    const name = `${'é'.repeat(127)}x`;
    await listen({channels: {[name]: 1}});
    assert.deepEqual(net.last.wanted, {[name]: '1'});
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
    assert.deepEqual(notes.at(-1), ['close', 'b', 'too many channels', 0]);
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
