// comet.js over every transport, in a real browser against the real server: what arrives is what was pushed.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {eventually} from '../support/eventually.mjs';
import {arrives, channel, chosen, forEachTransport, isOpen, kAwkward, kBuffer, listen, look, numbered, pushAll, setSite, state, transport} from '../support/listening_page.mjs';
import {openDoor, server, startServer} from '../support/stage.mjs';

setSite();

describe('comet.js', () => {
  forEachTransport('delivers exactly what was pushed', async (one) => {
    const cname = `${channel()} é&="`;
    await pushAll(server, cname, kAwkward);
    const page = await look();
    await listen(page, `http://${server.front}`, {channels: {[cname]: 1}, ...chosen(one)});
    await arrives(page, kAwkward);
    const more = [...numbered(1, 200), ...kAwkward];
    await pushAll(server, cname, more);
    await arrives(page, [...kAwkward, ...more]);
    if (one) assert.equal(await transport(page), one);
    assert.deepEqual(await page.evaluate(() => window.gaps), []);
    assert.deepEqual(page.faults, []);
  });

  test('begins with the best transport there is', async () => {
    const page = await look();
    await listen(page, `http://${server.front}`, {channels: channel()});
    await isOpen(page);
    assert.equal(await transport(page), 'ws');
  });

  test('is a module as well', async () => {
    const cname = channel();
    const page = await look();
    const contents = await page.evaluate(async ([front, name]) => {
      const {Comet: Own} = await import(`${front}/comet.mjs`);
      return new Promise((resolve) => {
        const comet = new Own(front, {channels: name, transports: ['stream'], onmessage: resolve, onstate: (now) => {
          if (now === 'open') resolve(comet.constructor.name);
        }});
      });
    }, [`http://${server.front}`, cname]);
    assert.equal(contents, 'Comet');
  });

  forEachTransport('works in a worker', async (one) => {
    const cname = channel();
    const page = await look();
    await page.evaluate(([front, channels, transports]) => {
      window.got = [];
      const program = `importScripts('${front}/comet.js'); new Comet('${front}', {...${JSON.stringify({channels, ...transports})}, onmessage: (message) => postMessage(message.content)});`;
      new Worker(URL.createObjectURL(new Blob([program]))).onmessage = (event) => window.got.push(event.data);
    }, [`http://${server.front}`, {[cname]: 1}, chosen(one)]);
    await pushAll(server, cname, kAwkward);
    await arrives(page, kAwkward);
    assert.deepEqual(page.faults, []);
  });

  forEachTransport('starts with what comes from now on', async (one) => {
    const cname = channel();
    await pushAll(server, cname, ['old']);
    const page = await look();
    await listen(page, `http://${server.front}`, {channels: cname, ...chosen(one)});
    await eventually(() => page.evaluate((name) => window.comet.next(name) === 2, cname), 'the next number');
    await pushAll(server, cname, ['new']);
    await arrives(page, ['new']);
  });

  forEachTransport('serves two tabs of one browser, and each only its own', async (way) => {
    const [both, first] = [channel(), channel()];
    const one = await look();
    const other = await one.context().newPage();
    await other.goto(one.url());
    await listen(one, `http://${server.front}`, {channels: {[both]: 1}, ...chosen(way)});
    await listen(other, `http://${server.front}`, {channels: {[both]: 1}, ...chosen(way)});
    await eventually(async () => (await server.info(both)).subscribers === 2, 'both at once');
    await one.evaluate(([front, name]) => {
      window.more = [];
      new Comet(front, {channels: {[name]: 1}, onmessage: (message) => window.more.push(message.content)});
    }, [`http://${server.front}`, first]);
    await pushAll(server, both, numbered(1, 50));
    await pushAll(server, first, ['for the first']);
    await arrives(one, numbered(1, 50));
    await arrives(other, numbered(1, 50));
    await eventually(() => one.evaluate(() => window.more.length === 1), 'its own');
    await other.close();
    await pushAll(server, both, numbered(51, 60));
    await arrives(one, numbered(1, 60));
  });

  test('tells the end of a channel', async () => {
    const cname = channel();
    const page = await look();
    await listen(page, `http://${server.front}`, {channels: {[cname]: 1}});
    await pushAll(server, cname, ['last']);
    await arrives(page, ['last']);
    await server.ask('/close', {cname});
    await eventually(async () => (await state(page)) === 'closed', 'closed');
    assert.deepEqual(await page.evaluate(() => window.ended), [[cname, 'close', 2]]);
  });

  test('tells what it missed', async () => {
    const own = await startServer({'front.channel_buffer_size': 5});
    await pushAll(own, 'a', numbered(1, 20));
    const page = await look(`http://${own.front}`);
    await listen(page, `http://${own.front}`, {channels: {a: 3}});
    await arrives(page, numbered(16, 20));
    assert.deepEqual(await page.evaluate(() => window.gaps), [['a', 3, 15]]);
  });

  test('gets a new token when the old one is wrong', async () => {
    const own = await startServer({'front.channel_buffer_size': kBuffer, 'front.auth': 'token'});
    const {token} = JSON.parse(await own.ask('/sign', {cname: 'a'}));
    const page = await look(`http://${own.front}`);
    await page.evaluate(([front, right]) => {
      Object.assign(window, {got: [], asked: 0});
      window.comet = new Comet(front, {
        channels: {a: 1},
        token: async () => window.asked++ ? right : 'wrong',
        onmessage: (message) => window.got.push(message.content),
      });
    }, [`http://${own.front}`, token]);
    await pushAll(own, 'a', ['for those who may']);
    await arrives(page, ['for those who may']);
    assert.equal(await page.evaluate(() => window.asked), 2);
  });
});

describe('comet.js with several channels', () => {
  const byChannel = (page) => page.evaluate(() => window.by);
  // Every message under the name of its channel.
  async function listenTo(page, url, options) {
    await page.evaluate(([where, given]) => {
      Object.assign(window, {by: {}, gaps: []});
      window.comet = new Comet(where, {
        ...given,
        onmessage: ({cname, content}) => (window.by[cname] ??= []).push(content),
        ongap: (...gap) => window.gaps.push(gap),
      });
    }, [url, options]);
  }
  async function arrive(page, wanted) {
    const count = (all) => Object.values(all).flat().length;
    await eventually(async () => count(await byChannel(page)) >= count(wanted), `${count(wanted)} messages`);
    assert.deepEqual(await byChannel(page), wanted);
    assert.deepEqual(await page.evaluate(() => window.gaps), []);
  }

  forEachTransport('loses and repeats nothing on any of them while connections are cut', async (one) => {
    const [a, b, c] = [channel(), `${channel()} é&`, channel()];
    const way = await openDoor(server, 'front');
    await pushAll(server, b, numbered(1, 5));
    const page = await look();
    await listenTo(page, way.url, {channels: {[a]: 1, [b]: 3, [c]: 1}, ...chosen(one)});
    await isOpen(page);
    const wanted = {[b]: numbered(3, 5)};
    for (let i = 1; i <= 300; ++i) {
      const cname = [a, b, b, c][i % 4];
      await server.push(cname, `message ${i}`);
      (wanted[cname] ??= []).push(`message ${i}`);
      if (i % 50 === 25) way.cut();
    }
    await arrive(page, wanted);
  });

  forEachTransport('lets channels come and go', async (one) => {
    const [a, b] = [channel(), channel()];
    await pushAll(server, b, numbered(1, 5));
    const page = await look();
    await listenTo(page, `http://${server.front}`, {channels: {[a]: 1}, ...chosen(one)});
    await pushAll(server, a, ['first']);
    await arrive(page, {[a]: ['first']});
    await page.evaluate((name) => window.comet.subscribe(name, 2), b);
    await pushAll(server, a, ['second']);
    await arrive(page, {[a]: ['first', 'second'], [b]: numbered(2, 5)});
    await page.evaluate((name) => window.comet.unsubscribe(name), a);
    await eventually(async () => (await server.info(a)).subscribers === 0, 'nobody');
    await pushAll(server, a, ['unheard']);
    await pushAll(server, b, numbered(6, 7));
    await arrive(page, {[a]: ['first', 'second'], [b]: numbered(2, 7)});
  });
});
