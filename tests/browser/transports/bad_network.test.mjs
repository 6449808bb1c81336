// comet.js in a real browser, over bad networks and restarts of the server.

import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, test} from 'node:test';

import {eventually} from '../support/eventually.mjs';
import {arrives, channel, chosen, forEachTransport, isOpen, kAwkward, kBuffer, kTransports, listen, look, numbered, pushAll, setSite, transport} from '../support/listening_page.mjs';
import {afterwards, openDoor, server, startServer} from '../support/stage.mjs';

const kOfTheNetwork = /net::|WebSocket connection to/;  // what Chromium itself says of it

setSite();

describe('comet.js on a bad network', () => {
  forEachTransport('loses and repeats nothing while connections are cut', async (one) => {
    const cname = channel();
    const way = await openDoor(server, 'front');
    const page = await look();
    await listen(page, way.url, {channels: {[cname]: 1}, ...chosen(one)});
    await isOpen(page);
    const contents = numbered(1, 400);
    for (let i = 0; i < contents.length; ++i) {
      await server.push(cname, contents[i]);
      if (i % 40 === 20) way.cut();
    }
    await arrives(page, contents);
    assert.deepEqual(await page.evaluate(() => window.gaps), []);
    assert.ok(way.opened > 2);
  });

  forEachTransport('comes back when the network does', async (one) => {
    const cname = channel();
    const page = await look();
    await listen(page, `http://${server.front}`, {channels: {[cname]: 1}, ...chosen(one)});
    await pushAll(server, cname, numbered(1, 10));
    await arrives(page, numbered(1, 10));
    await page.context().setOffline(true);
    await pushAll(server, cname, numbered(11, 20));
    await page.context().setOffline(false);
    await pushAll(server, cname, numbered(21, 30));
    await arrives(page, numbered(1, 30));
    assert.deepEqual(await page.evaluate(() => window.gaps), []);
  });

  forEachTransport('has everything after its page was frozen, as tabs are that nobody looks at', async (one) => {
    const cname = channel();
    const way = await openDoor(server, 'front');
    const page = await look();
    const devtools = await page.context().newCDPSession(page);
    await listen(page, way.url, {channels: {[cname]: 1}, ...chosen(one)});
    await pushAll(server, cname, numbered(1, 10));
    await arrives(page, numbered(1, 10));
    await devtools.send('Page.setWebLifecycleState', {state: 'frozen'});
    await pushAll(server, cname, numbered(11, 20));
    way.cut();
    await pushAll(server, cname, numbered(21, 30));
    await devtools.send('Page.setWebLifecycleState', {state: 'active'});
    await arrives(page, numbered(1, 30));
    assert.deepEqual(await page.evaluate(() => window.gaps), []);
  });

  test('leaves what a proxy keeps to itself', async () => {
    const cname = channel();
    const way = await openDoor(server, 'front', (line) => line.includes('/ws') ? 'nothing' : /\/(sse|stream)\?/.test(line) ? 'no answers' : 'all');
    const page = await look();
    await listen(page, way.url, {channels: cname});
    await isOpen(page);
    assert.equal(await transport(page), 'poll');
    await pushAll(server, cname, kAwkward);
    await arrives(page, kAwkward);
  });
});

test('a full server tells pages of other origins when to come back', async () => {
  const full = await startServer({'front.max_connections': 1});
  const subscribers = await full.subscribe('a', 1);
  const page = await look();
  const [status, seconds] = await page.evaluate(async (front) => {
    const response = await fetch(`${front}/ping`);
    return [response.status, Number(response.headers.get('Retry-After'))];
  }, `http://${full.front}`);
  assert.equal(status, 503);
  assert.ok(seconds >= 5, seconds);
  subscribers.stop();
});

// Settings of a server that keeps its state.
function kept() {
  const folder = mkdtempSync(join(tmpdir(), 'comet-browser-'));
  afterwards(() => rmSync(folder, {recursive: true}));
  return {state_file: join(folder, 'state'), drain_timeout: 1};
}

// A longer run: COMET_RESTARTS=20.
test('restarts and cuts together lose and repeat nothing, over any transport', async () => {
  const restarts = Number(process.env.COMET_RESTARTS ?? 2);
  const each = 200;
  const own = await startServer({...kept(), 'front.channel_buffer_size': kBuffer});
  const way = await openDoor(own, 'front');
  way.cutsEvery = 100;
  const page = await look(`http://${own.front}`);
  await page.evaluate(([url, transports]) => {
    window.heard = {};
    window.gaps = [];
    for (const transport of transports) {
      const got = window.heard[transport] = [];
      new Comet(url, {
        channels: {a: 1},
        transports: [transport],
        onmessage: (message) => got.push(message.content),
        ongap: (...gap) => window.gaps.push([transport, ...gap]),
      });
    }
  }, [way.url, kTransports.filter(Boolean)]);
  const contents = numbered(1, (restarts + 1) * each);
  for (const [i, content] of contents.entries()) {
    if (i > 0 && i % each === 0) {
      own.terminate();
      await own.exited;
      await own.run();
    }
    await own.push('a', content);
  }
  for (const transport of kTransports.filter(Boolean)) {
    await eventually(() => page.evaluate(([one, count]) => window.heard[one].length >= count, [transport, contents.length]), `all over ${transport}`);
  }
  assert.deepEqual(await page.evaluate(() => window.gaps), []);
  for (const got of Object.values(await page.evaluate(() => window.heard))) assert.deepEqual(got, contents);
  assert.ok(way.passed > way.cutsEvery);
  assert.deepEqual(page.faults.filter((fault) => !kOfTheNetwork.test(fault)), []);
});

describe('a restart under the page', () => {
  forEachTransport('of a server that keeps its state is not seen', async (one) => {
    const own = await startServer(kept());
    const way = await openDoor(own, 'front');
    const page = await look();
    await listen(page, way.url, {channels: {a: 1}, ...chosen(one)});
    await pushAll(own, 'a', numbered(1, 20));
    await arrives(page, numbered(1, 20));
    own.terminate();
    await own.exited;
    await own.run();
    await pushAll(own, 'a', numbered(21, 40));
    await arrives(page, numbered(1, 40));
    assert.deepEqual(await page.evaluate(() => window.gaps), []);
  });

  test('after a crash is an honest gap', async () => {
    const own = await startServer(kept());
    const way = await openDoor(own, 'front');
    const page = await look();
    await listen(page, way.url, {channels: {a: 1}});
    await pushAll(own, 'a', ['before']);
    await arrives(page, ['before']);
    await own.stop();
    await own.run();
    await pushAll(own, 'a', ['after']);
    await arrives(page, ['before', 'after']);
    const gaps = await page.evaluate(() => window.gaps);
    assert.equal(gaps.length, 1);
    assert.equal(gaps[0][1], 2);
    assert.ok(gaps[0][2] >= 65_536, gaps[0]);
  });

  test('of a server that forgets brings what it has since then', async () => {
    const own = await startServer();
    const way = await openDoor(own, 'front');
    const page = await look();
    await listen(page, way.url, {channels: {a: 1}});
    await pushAll(own, 'a', numbered(1, 20));
    await arrives(page, numbered(1, 20));
    way.shut();
    await own.stop();
    await own.run();
    await pushAll(own, 'a', ['new 1', 'new 2', 'new 3']);
    way.unlock();
    await arrives(page, [...numbered(1, 20), 'new 1', 'new 2', 'new 3']);
    assert.deepEqual(await page.evaluate(() => window.gaps), [['a', 21, null]]);
  });
});
