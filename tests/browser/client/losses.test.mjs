// comet.mjs without a browser: what it does about losses and silence.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {control, data} from '../support/fake_net.mjs';
import {listen, net, notes, open, seen} from '../support/listener.mjs';

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

  test('a connection that brought something is asked for again soon, however short it was', async () => {
    await open();
    for (let i = 1; i < 8; ++i) {
      net.last.say(data('a', i));
      net.last.end();
      await net.pass(500 * 2 ** Math.min(i, 2) - 10);
      await net.attempt(i);
      await net.pass(10);
      (await net.attempt(i + 1)).open();
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
    net.happen('visibilitychange');
    await net.attempt(length + 1);
    net.last.end();
    net.happen('online');
    await net.attempt(length + 2);
  });

  test('online leaves the connection of the former network', async () => {
    await open();
    const former = net.last;
    former.say(data('a', 1));
    net.happen('online');
    assert.ok(former.ended);
    assert.deepEqual((await net.attempt(2)).wanted, {a: '2'});
  });
});

describe('polls', () => {
  const poll = () => listen({channels: {a: 1}, transports: ['poll']});

  test('have a signal each, and it ends the one that waits', async () => {
    const comet = await poll();
    for (let i = 1; i < 5; ++i) {
      net.last.say(data('a', i));
      await net.attempt(i + 1);
    }
    assert.equal(new Set(net.attempts.map((one) => one.options.signal)).size, 5);
    comet.close();
    assert.deepEqual(net.attempts.map((one) => one.ended), [false, false, false, false, true]);
  });

  test('are not asked for any more when close() is called for what one brought', async () => {
    const comet = await listen({channels: {a: 1}, transports: ['poll'], onmessage: () => comet.close()});
    net.last.say(data('a', 1));
    await net.pass(100_000);
    await net.attempt(1);
  });

  test('that say nothing and come at once are not asked for again at once', async () => {
    await poll();
    for (let i = 1; i < 5; ++i) {
      net.last.say();
      await net.pass(500 * 2 ** i - 10);
      await net.attempt(i);
      await net.pass(10);
      await net.attempt(i + 1);
    }
  });

  test('that waited for nothing follow each other', async () => {
    const comet = await poll();
    await net.pass(30_000);
    net.last.say(control('noop', 'a', 0));
    await net.attempt(2);
    assert.equal(comet.state, 'open');
  });

  // Browsers let who asks for the same wait until it is known whether a cache may have it.
  test('do not wait for those of other tabs', async () => {
    await poll();
    assert.equal(net.last.options.cache, 'no-store');
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

  test('that went by while the machine slept is noticed soon after', async () => {
    await open();
    net.last.say(data('a', 1));
    net.jump(3_600_000);
    await net.pass(5000);
    assert.ok(net.attempts[0].ended);
    await net.pass(1000);
    assert.deepEqual((await net.attempt(2)).wanted, {a: '2'});
  });

  test('is noticed when the clock has been set back', async () => {
    await open();
    net.last.say(data('a', 1));
    net.jump(-3_600_000);
    await net.pass(40_000);
    assert.ok(net.attempts[0].ended);
  });

  test('is measured by what /ping says only if it says so', async () => {
    net.pong = () => ({json: {}});
    await open();
    net.last.say(data('a', 1));
    await net.pass(44_999);
    assert.equal(net.attempts.length, 1);
    await net.pass(1);
    assert.ok(net.attempts[0].ended);
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
