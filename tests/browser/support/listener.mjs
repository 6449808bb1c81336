// A Comet in the world of FakeNet, made anew for each test of the file that imports this, and what its
// page would have been told.

import assert from 'node:assert/strict';
import {afterEach, beforeEach} from 'node:test';

import {Comet} from '../../../comet/web/client/comet.mjs';
import {FakeNet} from './fake_net.mjs';

export let net;
export let seen;   // contents, in order
export let notes;  // everything else that the page was told
let ends;

beforeEach(() => {
  net = new FakeNet();
  net.install();
  seen = [];
  notes = [];
  ends = [];
});

// Whatever happened: after close() nothing is left.
afterEach(async () => {
  for (const end of ends) end();
  await net.settle();
  net.remove();
  assert.equal(net.timers.size, 0);
  assert.ok(net.attempts.every((attempt) => attempt.ended || attempt.isOver), 'every attempt has been ended');
});

export const afterwards = (end) => ends.push(end);

export async function listen(options, url = 'http://push.example.org:8100') {
  const comet = new Comet(url, {
    onmessage: (message) => seen.push(message.content),
    ongap: (...gap) => notes.push(['gap', ...gap]),
    onclose: (...why) => notes.push(['close', ...why]),
    onstate: (state) => notes.push(state),
    ...options,
  });
  afterwards(() => comet.close());
  await net.pass(0);
  return comet;
}

// Over a WebSocket that works.
export async function open(options = {channels: {a: 1}}) {
  const comet = await listen(options);
  net.last.open();
  await net.settle();
  return comet;
}
