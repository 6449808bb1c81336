// Every way to listen without comet.js, in a real browser against the real server: what arrives is what was pushed.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {eventually} from '../support/eventually.mjs';
import {arrives, channel, got, kAwkward, look, numbered, pushAll, setSite} from '../support/listening_page.mjs';
import {openDoor, openPage, server} from '../support/stage.mjs';

setSite();

// What a page does that knows nothing of comet.js: listens from number 1 on.
const kPlain = {
  'long-polling by script tags': (front, cname) => {
    let next = 1;
    const ask = () => {
      const script = document.createElement('script');
      script.src = `${front}/poll?cname=${cname}&cb=take&seq=${next}`;
      script.onload = () => {
        script.remove();
        ask();
      };
      document.body.append(script);
    };
    window.take = (answer) => {
      for (const message of [].concat(answer)) {
        if (message.type !== 'data') continue;
        next = message.seq + 1;
        window.got.push(message.content);
      }
    };
    ask();
  },
  'EventSource': (front, cname) => {
    new EventSource(`${front}/sse?cname=${cname}&seq=1`).onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === 'data') window.got.push(message.content);
    };
  },
  'a fetch that streams': async (front, cname) => {
    const response = await fetch(`${front}/stream?cname=${cname}&seq=1`);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ;) {
      const {value} = await reader.read();
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const message = JSON.parse(line);
        if (message.type === 'data') window.got.push(message.content);
      }
    }
  },
  'WebSocket': (front, cname) => {
    new WebSocket(`${front.replace('http', 'ws')}/ws?cname=${cname}&seq=1`).onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === 'data') window.got.push(message.content);
    };
  },
};

describe('a page without comet.js', () => {
  for (const [name, listen] of Object.entries(kPlain)) {
    test(`gets exactly what was pushed by ${name}`, async () => {
      const cname = channel();
      await pushAll(server, cname, kAwkward);
      const page = await look();
      await page.evaluate(() => void (window.got = []));
      await page.evaluate(`void (${listen})('http://${server.front}', '${cname}')`);
      await arrives(page, kAwkward);
      const more = [...numbered(1, 100), ...kAwkward];
      await pushAll(server, cname, more);
      await arrives(page, [...kAwkward, ...more]);
      assert.equal(await page.title(), 'a page');
      assert.deepEqual(page.faults, []);
    });
  }

  // The parent must be of the same origin: the document of the iframe calls it.
  test('gets exactly what was pushed by a hidden iframe', async () => {
    const cname = channel();
    await pushAll(server, cname, kAwkward);
    const page = await openPage(`http://${server.front}/ping?cb=`);
    await page.evaluate((name) => {
      window.got = [];
      window.icomet_cb = (message) => {
        if (message.type === 'data') window.got.push(message.content);
      };
      const frame = document.createElement('iframe');
      frame.src = `/iframe?cname=${name}&seq=1`;
      document.body.append(frame);
    }, cname);
    await arrives(page, kAwkward);
    await pushAll(server, cname, kAwkward);
    await arrives(page, [...kAwkward, ...kAwkward]);
    assert.deepEqual(page.faults.filter((fault) => !fault.includes('404')), [], 'none but that there is no icon');
    assert.deepEqual(await page.evaluate(() => [document.title, frames[0].document.title]), ['', '']);
  });
});

describe('EventSource by itself', () => {
  for (const channels of [['a'], ['a', 'b', 'c']]) {
    test(`goes on where it was with ${channels.length === 1 ? 'one channel' : 'several channels'}`, async () => {
      const names = channels.map(channel);
      const way = await openDoor(server, 'front');
      const page = await look();
      await page.evaluate(([front, all]) => {
        window.got = [];
        const source = new EventSource(`${front}/sse?${all.map((name) => `cname=${name}&seq=1`).join('&')}`);
        source.onmessage = (event) => {
          const message = JSON.parse(event.data);
          if (message.type === 'data') window.got.push(message.content);
        };
      }, [way.url, names]);
      const wanted = [];
      for (let i = 1; i <= 40; ++i) {
        const content = `message ${i}`;
        await server.push(names[i % names.length], content);
        wanted.push(content);
        if (i % 15 === 5) {
          await eventually(async () => (await got(page)).length >= i - 2, 'most of them');
          way.cut();
        }
      }
      await eventually(async () => (await got(page)).length >= wanted.length, 'all');
      // Channels are ordered each for itself.
      for (const [at, name] of names.entries()) {
        const own = (list) => list.filter((content) => Number(content.split(' ')[1]) % names.length === at);
        assert.deepEqual(own(await got(page)), own(wanted), name);
      }
      assert.equal((await got(page)).length, wanted.length);
    });
  }
});
