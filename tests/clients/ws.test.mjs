// The package `ws` of npm as a subscriber: what it gets is what was pushed, through everything that
// a page or a program does with a WebSocket.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, test} from 'node:test';
import WebSocket from 'ws';

import {CometServer} from '../browser/support/server.mjs';
import {eventually} from '../browser/support/eventually.mjs';

let server;
before(async () => server = await CometServer.start({'front.polling_timeout': 2}));
after(() => server.stop());

// A client whose messages wait in a list.
async function listen(query, protocols = []) {
  const socket = new WebSocket(`ws://${server.front}/ws${query}`, protocols);
  socket.messages = [];
  socket.pings = 0;
  socket.on('message', (data, binary) => {
    assert.equal(binary, false);
    socket.messages.push(JSON.parse(data));
  });
  socket.on('ping', () => ++socket.pings);
  await once(socket, 'open');
  return socket;
}

const contents = (socket) => socket.messages.filter((m) => m.type === 'data').map((m) => m.content);
const answered = (socket, type) => eventually(() => socket.messages.some((m) => m.type === type), type);

test('what was pushed arrives, each message once and in order', async () => {
  const socket = await listen('?cname=ordered&seq=1');
  const pushed = [];
  for (const size of [0, 1, 100, 125, 126, 1000, 65535, 65536, 100000]) pushed.push('x'.repeat(size));
  for (let i = 0; i < 200; ++i) pushed.push(`number ${i} "quoted" \u00e4\u4e2d\u{1f600}\n`);
  for (const content of pushed) await server.push('ordered', content);
  await eventually(() => contents(socket).length === pushed.length, 'all messages');
  assert.deepEqual(contents(socket), pushed);
  socket.close(1000, 'bye');
  const [code] = await once(socket, 'close');
  assert.equal(code, 1000);
});

test('the protocol is the first that was offered, and compression is declined', async () => {
  const socket = await listen('?cname=a', ['chat.v2', 'chat']);
  assert.equal(socket.protocol, 'chat.v2');
  assert.equal(socket.extensions, '');
  socket.terminate();
});

test('channels come and go', async () => {
  const socket = await listen('');
  await server.push('later', 'before');
  socket.send(JSON.stringify({op: 'subscribe', cname: 'later', seq: 1}));
  await eventually(() => contents(socket).length === 1, 'what was there before');
  assert.deepEqual(socket.messages[0], {type: 'subscribed', cname: 'later', seq: 1});
  socket.send(JSON.stringify({op: 'unsubscribe', cname: 'later'}));
  await answered(socket, 'unsubscribed');
  await server.push('later', 'to nobody');
  socket.send('no operation');
  await answered(socket, 'error');
  assert.deepEqual(contents(socket), ['before']);
  socket.close();
  await once(socket, 'close');
});

test('heartbeats are noops and pings, and pings are answered', async () => {
  const socket = await listen('?cname=idle&seq=1&noop=5');
  await eventually(() => socket.pings >= 2, 'two pings');
  const noops = socket.messages.filter((m) => m.type === 'noop').map((m) => m.seq);
  assert.deepEqual(noops.slice(0, 2), [5, 6]);
  socket.ping('ours');
  const [pong] = await once(socket, 'pong');
  assert.equal(pong.toString(), 'ours');
  socket.terminate();
});

test('what the server does not take is told by its code', async () => {
  const binary = await listen('');
  binary.send(Buffer.from([1, 2, 3]));
  assert.equal((await once(binary, 'close'))[0], 1003);
  const huge = await listen('');
  huge.send('x'.repeat(70000));
  assert.equal((await once(huge, 'close'))[0], 1009);
});

test('a large op in many fragments is one op', async () => {
  const socket = await listen('');
  socket.send('{"op":"fragmen', {fin: false});
  socket.send('ts","x":"' + 'y'.repeat(30000), {fin: false});
  socket.send('"}', {fin: true});
  await answered(socket, 'error');
  assert.deepEqual(socket.messages[0], {type: 'error', op: 'fragments', cname: '', reason: 'unknown op'});
  socket.terminate();
});

test('a draining server says so', async () => {
  const own = await CometServer.start({drain_timeout: 1});
  const socket = new WebSocket(`ws://${own.front}/ws?cname=a`);
  await once(socket, 'message');
  own.terminate();
  const [code] = await once(socket, 'close');
  assert.equal(code, 1001);
  await own.exited;
});
