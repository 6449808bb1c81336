// Every way to listen, in a real browser against the real server: what arrives is what was pushed.

import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, afterEach, before, describe, test} from 'node:test';

import {Browser} from './support/browser.mjs';
import {Door} from './support/door.mjs';
import {eventually, kPatienceMs} from './support/eventually.mjs';
import {CometServer} from './support/server.mjs';
import {Site} from './support/site.mjs';

const kAwkward = ['plain', '</script><script>document.title="taken"</script>', '</SCRIPT >', '<!--<script>', ']]>', `"quotes" & 'apostrophes' \\ \`ticks\` \${x}`,
  'Grüße, Ελλάδα, 日本語, 👋🏽, \u{1F468}\u200D\u{1F469}\u200D\u{1F467}', 'separators \u2028 and \u2029', 'two\nlines\r\nand a tab\t', 'data: x\n\ndata: y\nid: 7\n\n',
  '  spaces  kept  ', '{"type":"close","cname":"a","seq":1}', '\u0001\u001f\u007f\u0085', '', ');alert(1);//', 'long '.repeat(20_000)];
const kBuffer = 20_000;

let browser;
let server;  // of all tests that need none of their own
let site;
let names = 0;
const endings = [];

before(async () => {
  [browser, server, site] = await Promise.all([Browser.start(), CometServer.start({'front.channel_buffer_size': kBuffer}), Site.start()]);
}, {timeout: kPatienceMs});
after(async () => {
  await browser?.close();
  await server?.stop();
  site?.close();
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

const channel = () => `channel-${++names}`;

async function start(settings) {
  const own = await CometServer.start({'front.channel_buffer_size': kBuffer, ...settings});
  endings.push(() => own.stop());
  return own;
}

async function door(of, passes) {
  const own = await Door.open(of, 'front', passes);
  endings.push(() => own.close());
  return own;
}

// A page of the site, which has loaded comet.js from the server.
async function look(front = `http://${server.front}`, options = {}) {
  const page = await browser.open(site.page(`${front}/comet.js`), options);
  endings.push(() => page.context().close());
  return page;
}

async function pushAll(of, cname, contents) {
  for (const content of contents) await of.push(cname, content);
}

const numbered = (from, to) => Array.from({length: to - from + 1}, (_, i) => `message ${from + i}`);

const got = (page) => page.evaluate(() => window.got);

async function arrives(page, contents) {
  await eventually(async () => (await page.evaluate(() => window.got.length)) >= contents.length, `${contents.length} messages`);
  assert.deepEqual(await got(page), contents);
}

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
    const page = await browser.open(`http://${server.front}/ping?cb=`);
    endings.push(() => page.context().close());
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

// Begins to listen with comet.js; notes everything that the page is told.
async function listen(page, url, options) {
  await page.evaluate(([where, given]) => {
    Object.assign(window, {got: [], states: [], gaps: [], ended: []});
    window.comet = new Comet(where, {
      ...given,
      onmessage: (message) => window.got.push(message.content),
      onstate: (state, transport) => window.states.push(`${state} ${transport}`),
      ongap: (...gap) => window.gaps.push(gap),
      onclose: (...why) => window.ended.push(why),
    });
  }, [url, options]);
}

const transport = (page) => page.evaluate(() => window.comet.transport);
const state = (page) => page.evaluate(() => window.comet.state);
const isOpen = (page) => eventually(async () => (await state(page)) === 'open', 'open');

// What there is of comet.js that the page could note; null leaves the choice to it.
const kTransports = [null, 'ws', 'sse', 'stream', 'poll'];
const chosen = (one) => (one ? {transports: [one]} : {});

function forEachTransport(what, body) {
  for (const one of kTransports) {
    test(`${what}, over ${one ?? 'what it chooses'}`, () => body(one));
  }
}

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

  forEachTransport('starts with what comes from now on', async (one) => {
    const cname = channel();
    await pushAll(server, cname, ['old']);
    const page = await look();
    await listen(page, `http://${server.front}`, {channels: cname, ...chosen(one)});
    await eventually(() => page.evaluate((name) => window.comet.next(name) === 2, cname), 'the next number');
    await pushAll(server, cname, ['new']);
    await arrives(page, ['new']);
  });

  test('serves two tabs of one browser, and each only its own', async () => {
    const [both, first] = [channel(), channel()];
    const one = await look();
    const other = await one.context().newPage();
    await other.goto(one.url());
    await listen(one, `http://${server.front}`, {channels: {[both]: 1}});
    await listen(other, `http://${server.front}`, {channels: {[both]: 1}});
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
    assert.deepEqual(await page.evaluate(() => window.ended), [[cname, 'close']]);
  });

  test('tells what it missed', async () => {
    const own = await start({'front.channel_buffer_size': 5});
    await pushAll(own, 'a', numbered(1, 20));
    const page = await look(`http://${own.front}`);
    await listen(page, `http://${own.front}`, {channels: {a: 3}});
    await arrives(page, numbered(16, 20));
    assert.deepEqual(await page.evaluate(() => window.gaps), [['a', 3, 15]]);
  });

  test('gets a new token when the old one is wrong', async () => {
    const own = await start({'front.auth': 'token'});
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
    const way = await door(server);
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

describe('comet.js on a bad network', () => {
  forEachTransport('loses and repeats nothing while connections are cut', async (one) => {
    const cname = channel();
    const way = await door(server);
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

  test('leaves what a proxy keeps to itself', async () => {
    const cname = channel();
    const way = await door(server, (line) => line.includes('/ws') ? 'nothing' : /\/(sse|stream)\?/.test(line) ? 'no answers' : 'all');
    const page = await look();
    await listen(page, way.url, {channels: cname});
    await isOpen(page);
    assert.equal(await transport(page), 'poll');
    await pushAll(server, cname, kAwkward);
    await arrives(page, kAwkward);
  });
});

describe('a restart under the page', () => {
  let folder;
  const kept = () => {
    folder = mkdtempSync(join(tmpdir(), 'comet-browser-'));
    endings.push(() => rmSync(folder, {recursive: true}));
    return {state_file: join(folder, 'state'), drain_timeout: 1};
  };

  forEachTransport('of a server that keeps its state is not seen', async (one) => {
    const own = await start(kept());
    const way = await door(own);
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
    const own = await start(kept());
    const way = await door(own);
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
    const own = await start();
    const way = await door(own);
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

describe('EventSource by itself', () => {
  for (const channels of [['a'], ['a', 'b', 'c']]) {
    test(`goes on where it was with ${channels.length === 1 ? 'one channel' : 'several channels'}`, async () => {
      const names = channels.map(channel);
      const way = await door(server);
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

describe('iComet', () => {
  test('is there for pages that were written for it', async () => {
    const own = await start({'front.auth': 'token'});
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
