// The console's parts that need no page.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import * as numbers from '../../comet/web/console/numbers.js';
import {History, quantile, sample} from '../../comet/web/console/samples.js';
import {greatest, least, linear, logarithmic} from '../../comet/web/console/scale.js';
import {Poller} from '../../comet/web/console/poller.js';
import {Refusal, Server} from '../../comet/web/console/server.js';
import {Watch} from '../../comet/web/console/watch.js';

const plain = (text) => text.replaceAll('\u202f', ' ');

test('numbers read well at every size', () => {
  const rows = [
    [numbers.short(0), '0'], [numbers.short(0.04), '0.0'], [numbers.short(9.96), '10.0'], [numbers.short(9999), '9 999'],
    [numbers.short(9999.6), '10.0 k'], [numbers.short(10_000), '10 k'], [numbers.short(5000, 20_000), '5 k'], [numbers.short(0, 20_000), '0'], [numbers.short(999_949), '1.00 M'], [numbers.short(1_234_567), '1.23 M'], [numbers.short(NaN), '–'],
    [numbers.whole(1234567), '1 234 567'], [numbers.bytes(0), '0 B'], [numbers.bytes(1023), '1023 B'], [numbers.bytes(1536), '1.5 KiB'],
    [numbers.bytes(2 ** 40), '1 TiB'], [numbers.bytes(2 ** 40 + 1), '1.00 TiB'], [numbers.microseconds(999), '999 µs'], [numbers.microseconds(1500), '1.5 ms'],
    [numbers.microseconds(61e6), '61 s'], [numbers.counted(1, 'subscriber'), '1 subscriber'], [numbers.counted(0, 'subscriber'), '0 subscribers'], [numbers.duration(0), '0 s'], [numbers.duration(59.4), '59 s'], [numbers.duration(60), '1 min'],
    [numbers.duration(7384), '2 h 3 min'], [numbers.duration(86400 * 3 + 5), '3 d'], [numbers.percent(0, 5), '0 %'], [numbers.percent(1, 50), '2.0 %'],
    [numbers.percent(1, 10_000), '< 0.1 %'], [numbers.percent(1, 2), '50 %'],
  ];
  for (const [got, wanted] of rows) assert.equal(plain(got), wanted);
});

test('a quantile is of what came between two histograms', () => {
  const before = {count: 100, max: 8, buckets: [[1, 0], [2, 50], [4, 100]]};
  const after = {count: 200, max: 1000, buckets: [[1, 0], [2, 50], [4, 100], [8, 100], [16, 199], [1024, 200]]};
  assert.equal(quantile(before, before, 0.5), null);
  assert.equal(quantile(before, after, 0.99), 16);
  const half = quantile(before, after, 0.5);
  assert.ok(half > 8 && half < 16, half);
  assert.equal(quantile(null, before, 0.5), 2);
  assert.equal(quantile(before, after, 1), 1000, 'no more than was ever seen');
});

const core = (turns) => ({core: 0, turns, deliveries: turns, messages_in: 0, bytes_out: 0, writes: 0, turns_over_10ms: 0, subscribers: {}});
const info = (turns, pid = 1) => ({pid, start_time: 'x', subscribers: 3, channels: 1, reactors: [core(turns)]});

test('rates come from two answers of the same server only', () => {
  assert.equal(sample(info(10), info(30), 0, 2000).turns, 10);
  assert.equal(sample(info(10), info(30), 0, 2000).cores[0].turns, 10);
  assert.equal(sample(null, info(30), 0, 2000).turns, null);
  assert.equal(sample(info(10), info(30, 2), 0, 2000).turns, null);
  assert.equal(sample(info(10), info(30), 0, 2000).lagP99, null);
});

test('a history forgets what is too old or too much', () => {
  const history = new History(100, 5);
  for (let at = 0; at <= 1000; at += 10) history.add({at});
  assert.deepEqual(history.samples.map((one) => one.at), [960, 970, 980, 990, 1000]);
  history.add({at: 1095});
  assert.deepEqual(history.samples.map((one) => one.at), [1000, 1095]);
  assert.deepEqual(history.since(1050).map((one) => one.at), [1000, 1095], 'the line comes in from the left');
});

test('scales end at round numbers and hold every value', () => {
  for (const max of [1, 3, 7.5, 10, 99, 100, 101, 12_345, 1e9]) {
    const {ticks, place} = linear(max);
    assert.ok(ticks.length >= 2 && ticks.length <= 6, `${max}: ${ticks}`);
    assert.ok(ticks.at(-1) >= max && place(max) <= 1 && place(0) === 0);
  }
  const {ticks, place} = logarithmic(90, 20_000);
  assert.deepEqual(ticks.map(Math.round), [10, 100, 1000, 10_000, 100_000]);
  assert.equal(place(1), 0);
  assert.ok(Math.abs(place(1000) - 0.5) < 1e-9);
});

test('a scale is found for the samples of every core there can be', () => {
  const values = Array.from({length: 256 * 900}, (_, i) => i + 1);
  assert.equal(greatest(values, 0), values.length);
  assert.equal(greatest([], 7), 7);
  assert.equal(least(values, 5), 1);
  assert.equal(least([], 7), 7);
});

test('a fault of the page is not taken for one of the server', async (t) => {
  const lost = [];
  const poller = new Poller({info: async () => info(1)}, {fresh: () => { throw new RangeError('of the page'); }, lost: (error) => lost.push(error)});
  t.after(() => poller.stop());
  poller.aborter = new AbortController();
  await assert.rejects(poller.round(poller.aborter), RangeError);
  assert.deepEqual(lost, []);
  assert.notEqual(poller.timer, null, 'it is asked again');
});

test('whoever is refused while the key is asked for, or was sent before that, brings no second question', async (t) => {
  t.mock.method(globalThis, 'fetch');
  globalThis.document ??= {baseURI: 'http://admin.example/console'};
  const answers = [];
  fetch.mock.mockImplementation(() => new Promise((resolve) => answers.push(() => resolve(new Response('key', {status: 401})))));
  const questions = [];
  let locked = 0;
  const server = new Server(() => new Promise((resolve) => questions.push(resolve)), () => ++locked);
  server.key = 'old';
  const outcomes = ['asks', 'joins', 'is late'].map((name) => server.info().catch((error) => `${name}: ${error.status}`));
  await settled();
  answers[0]();
  answers[1]();
  await settled();
  questions[0](null);
  await settled();
  answers[2]();
  assert.deepEqual(await Promise.all(outcomes), ['asks: 401', 'joins: 401', 'is late: 401']);
  assert.deepEqual([questions.length, locked], [1, 1]);
  const again = server.info();
  await settled();
  answers[3]();
  await settled();
  assert.equal(questions.length, 2, 'who asks anew is asked');
  fetch.mock.mockImplementation(async (url, {headers}) => new Response(JSON.stringify(headers)));
  questions[1]('new');
  assert.deepEqual(await again, {Authorization: 'Bearer new'});
});

// A server that answers each tail with a script of messages, then holds the line.
function watching(...answers) {
  const asked = [];
  const tails = new Set();  // those that are being read
  const events = [];
  const note = (name) => (value) => events.push(value === undefined ? name : [name, value?.seq ?? value]);
  const server = {
    identity: async () => server.life,
    life: 'first',
    tail: (cname, seq, signal, opened, each) => new Promise((resolve, reject) => {
      asked.push(seq);
      tails.add(signal);
      signal.addEventListener('abort', () => {
        tails.delete(signal);
        reject(signal.reason);
      });
      const answer = answers.shift();
      if (answer instanceof Error) return reject(answer);
      opened();
      for (const [type, number] of answer ?? []) each({type, seq: number, content: ''});
    }),
  };
  const watch = new Watch(server, 'a', Object.fromEntries(['opened', 'absent', 'lost', 'message', 'missed', 'renewed', 'closed'].map((name) => [name, note(name)])));
  return {watch, server, asked, tails, events};
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a watch tells what is missing and what began anew', async () => {
  const {watch, asked, events} = watching([['data', 5], ['data', 6], ['data', 9], ['noop', 0]]);
  watch.start();
  await settled();
  assert.deepEqual(events, ['opened', ['message', 5], ['message', 6], ['missed', 2], ['message', 9]]);
  watch.stop();
  watch.start();
  await settled();
  assert.deepEqual(asked, [1, 10]);
  watch.stop();
});

test('a number below what was asked for is another channel, read from its start', async () => {
  const {watch, asked, events} = watching([['data', 7]], [['next_seq', 3], ['data', 3]], [['data', 1], ['data', 2], ['data', 3]]);
  watch.start();
  await settled();
  watch.stop();
  watch.start();
  await settled();
  await settled();
  assert.deepEqual(asked, [1, 8, 1]);
  assert.deepEqual(events.slice(2), ['opened', 'renewed', 'opened', ['message', 1], ['message', 2], ['message', 3]]);
  watch.stop();
});

test('a watch that is started again reads one tail', async () => {
  const {watch, tails, asked} = watching();
  watch.start();
  await settled();
  watch.start();
  watch.start();
  await settled();
  assert.deepEqual([tails.size, asked.length], [1, 2], 'the second start was over before it asked');
  watch.stop();
  assert.equal(tails.size, 0);
});

test('a watch that is stopped while it begins anew can be started again', async (t) => {
  const {watch, events} = watching([['data', 7]], [['next_seq', 3], ['data', 3]], [['data', 1]]);
  t.after(() => watch.stop());
  watch.start();
  await settled();
  watch.stop();
  watch.events.renewed = () => queueMicrotask(() => watch.stop());
  watch.start();
  await settled();
  await settled();
  watch.start();
  await settled();
  assert.deepEqual(events.at(-1), ['message', 1]);
});

test('a channel of another life is read from its start, however far it has come', async () => {
  const {watch, server, asked, events} = watching([['data', 1]], [['data', 1], ['data', 2]]);
  watch.start();
  await settled();
  watch.stop();
  server.life = 'second';
  watch.start();
  await settled();
  assert.deepEqual(asked, [1, 1]);
  assert.deepEqual(events, ['opened', ['message', 1], 'renewed', 'opened', ['message', 1], ['message', 2]]);
  watch.stop();
});

test('a broadcast and the next number behind it count once', async () => {
  const {watch, events} = watching([['broadcast', 1], ['next_seq', 2], ['data', 2], ['close', 3]]);
  watch.start();
  await settled();
  assert.deepEqual(events, ['opened', ['message', 1], ['message', 2], 'closed']);
  assert.equal(watch.next, 1);
  watch.stop();
});

test('a channel that does not exist is waited for', async () => {
  const {watch, events} = watching(new Refusal(404, 'channel[a] not connected'));
  watch.start();
  await settled();
  assert.deepEqual(events, ['absent']);
  watch.stop();
});
