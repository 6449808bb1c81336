// Pages that were written for iComet, in a real browser against the real server.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {eventually} from '../support/eventually.mjs';
import {arrives, channel, kAwkward, kBuffer, look, pushAll, setSite, site} from '../support/listening_page.mjs';
import {openDoor, server, startServer} from '../support/stage.mjs';

setSite();

describe('iComet', () => {
  test('is there for pages that were written for it', async () => {
    const own = await startServer({'front.channel_buffer_size': kBuffer, 'front.auth': 'token'});
    site.answers['/sign'] = async (query) => own.ask('/sign', {cname: query.get('cname'), cb: query.get('cb')});
    site.answers['/pub'] = async (query) => own.ask('/push', {cname: query.get('cname'), content: query.get('content'), cb: query.get('cb')});
    const page = await look(`http://${own.front}`);
    await page.evaluate(([front, origin]) => {
      Object.assign(window, {got: [], types: [], answers: []});
      window.icomet = new iComet({
        channel: 'é & b',
        signUrl: `${origin}/sign?user=1`,
        subUrl: `${front}/sub`,
        pubUrl: `${origin}/pub?cb=?`,
        callback: (content, type) => {
          window.got.push(content);
          window.types.push(type);
        },
      });
    }, [`http://${own.front}`, site.origin]);
    await eventually(async () => (await own.info('é & b')).subscribers === 1, 'a subscriber');
    await pushAll(own, 'é & b', kAwkward);
    await arrives(page, kAwkward);
    await own.ask('/broadcast', {content: 'to all'});
    await page.evaluate(() => window.icomet.pub('by the page', (answer) => window.answers.push(answer)));
    await arrives(page, [...kAwkward, 'to all', 'by the page']);
    assert.equal(await page.evaluate(() => window.types.at(-2)), 'broadcast');
    await eventually(() => page.evaluate(() => window.answers.length), 'an answer');
    assert.deepEqual(await page.evaluate(() => window.answers), [{type: 'ok'}]);

    await page.evaluate(() => window.icomet.stop());
    await eventually(async () => (await own.info('é & b')).subscribers === 0, 'nobody');
    await pushAll(own, 'é & b', ['meanwhile']);
    await page.evaluate(() => window.icomet.start());
    await arrives(page, [...kAwkward, 'to all', 'by the page', 'meanwhile']);
    assert.deepEqual(page.faults, []);
  });

  test('signs again where a restart has made its token void, and gets what came meanwhile', async () => {
    const own = await startServer({'front.auth': 'token'});
    site.answers['/sign'] = async (query) => own.ask('/sign', {cname: query.get('cname'), cb: query.get('cb')});
    const way = await openDoor(own, 'front');
    const page = await look();
    await page.evaluate(([front, origin]) => {
      window.got = [];
      new iComet({channel: 'a', signUrl: `${origin}/sign`, subUrl: `${front}/sub`, callback: (content) => window.got.push(content)});
    }, [way.url, site.origin]);
    await eventually(async () => (await own.info('a')).subscribers === 1, 'a subscriber');
    await pushAll(own, 'a', ['one', 'two', 'three']);
    await arrives(page, ['one', 'two', 'three']);
    await own.stop();
    await own.run();
    await pushAll(own, 'a', ['four', 'five']);
    await arrives(page, ['one', 'two', 'three', 'four', 'five']);
  });

  test('needs no signing where there are no tokens', async () => {
    const cname = channel();
    const page = await look();
    await page.evaluate(([front, name]) => {
      window.got = [];
      window.icomet = new iComet({channel: name, sub_url: `${front}/sub?x=1`, sub_callback: (content) => window.got.push(content)});
    }, [`http://${server.front}`, cname]);
    await eventually(async () => (await server.info(cname)).subscribers === 1, 'a subscriber');
    await pushAll(server, cname, ['hello']);
    await arrives(page, ['hello']);
    assert.equal(await page.evaluate(() => window.icomet.pub('x')), false);
  });
});
