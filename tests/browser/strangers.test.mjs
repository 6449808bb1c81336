// What strangers may choose - a channel's name, a callback, a message - against a real browser's
// parsers: none of it becomes script, markup, an event or a header of its own.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {eventually} from './support/eventually.mjs';
import {openPage, server, setStage, startServer} from './support/stage.mjs';

// Each calls taken(), if it gets out of where it stands.
const kEscapes = [
  '</script><script>taken()</script>', '</SCRIPT\t><svg onload=taken()>', '<!--<script>', '--><img src=x onerror=taken()>',
  ']]><script>taken()</script>', '"});taken();({"a":"', "'});taken();//", '\\"});taken();//', '\\u0022});taken();//', ');taken();//',
  '`+taken()+`', '${taken()}', '*/taken()/*', '\u2028taken()//', '\u2029taken()\u2029', '&quot;);taken();//', 'javascript:taken()',
  '<base href=//evil.example>', '<iframe srcdoc="<script>parent.taken()</script>">', '\uFEFFtaken()', '+ADw-script+AD4-taken()+ADw-/script+AD4-',
  '{"type":"close"}', '"}]);taken([{"',
];
// A message may hold what a name may not: control characters.
const kInMessages = ['\n\ndata: {"type":"forged"}\n\n', '\r\rid: 99\r\revent: forged\r\rdata: x', '\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<script>taken()</script>',
  '\0taken()', '\x1b]2;taken\x07', '\x7f\x85taken()', '\x1e{"type":"forged"}\n'];
const kNames = kEscapes.filter((name) => !/[\0-\x1f\x7f]/.test(name));
const kMessages = [...kEscapes, ...kInMessages];
const kBadCallbacks = ['taken()', 'a;taken', 'a//', 'a/**/', 'a b', 'a=1', 'a(', "a'", 'a"', 'a`', 'a\n', 'a\u2028', 'a<', '<script>taken()</script>',
  'a%0d%0aX-Injected: yes', 'a\\u0028', 'é', 'a-b', 'a+b', 'a,b', 'a'.repeat(129)];

setStage();

// A page of the server's own origin, so that its frames can reach it, which would notice.
async function look() {
  const page = await openPage(`http://${server.front}/ping?cb=`);
  await page.evaluate(() => {
    Object.assign(window, {got: [], takenTimes: 0, taken: () => window.takenTimes++});
    window.icomet_cb = (messages) => {
      for (const message of [].concat(messages)) window.got.push([message.type, message.cname, message.content]);
    };
    const parse = (text) => window.icomet_cb(JSON.parse(text));
    window.listen = {
      poll: (query) => new Promise((resolve) => {
        const script = document.createElement('script');
        Object.assign(script, {src: `/poll?${query}`, onload: resolve});
        document.body.append(script);
      }),
      iframe: (query) => document.body.append(Object.assign(document.createElement('iframe'), {src: `/iframe?${query}`})),
      sse: (query) => {
        const source = new EventSource(`/sse?${query}`);
        source.onmessage = (event) => parse(event.data);
        source.addEventListener('forged', () => window.taken());
      },
      ws: (query) => {
        new WebSocket(`ws://${location.host}/ws?${query}`).onmessage = (event) => parse(event.data);
      },
      stream: async (query) => {
        const reader = (await fetch(`/stream?${query}`)).body.pipeThrough(new TextDecoderStream()).getReader();
        for (let rest = ''; ;) {
          const lines = (rest + (await reader.read()).value).split('\n');
          rest = lines.pop();
          lines.forEach(parse);
        }
      },
    };
  });
  return page;
}

const isUntouched = (page) => page.evaluate(() => window.takenTimes === 0 && document.title === '' && [...document.querySelectorAll('iframe')].every((frame) => !frame.contentDocument.querySelector('img, svg, iframe, base')));

describe('a stranger', () => {
  for (const transport of ['poll', 'iframe', 'sse', 'ws', 'stream']) {
    test(`cannot get out of a message on /${transport}`, async () => {
      const cname = `messages-${transport}`;
      for (const content of kMessages) await server.push(cname, content);
      const page = await look();
      await page.evaluate(([name, query]) => void window.listen[name](query), [transport, `cname=${cname}&seq=1`]);
      await eventually(async () => (await page.evaluate(() => window.got.length)) >= kMessages.length, 'all messages');
      assert.deepEqual(await page.evaluate(() => window.got), kMessages.map((content) => ['data', cname, content]));
      assert.ok(await isUntouched(page));
    });

    test(`cannot get out of a channel's name on /${transport}`, async () => {
      const page = await look();
      for (const name of kNames) await server.push(name, 'hello');
      // On one connection: a browser opens six to a host, and these do not end.
      const query = new URLSearchParams(kNames.flatMap((name) => [['cname', name], ['seq', 1]]));
      await page.evaluate(([how, given]) => void window.listen[how](given), [transport, `${query}`]);
      await eventually(() => page.evaluate((names) => names.every((name) => window.got.some(([, one]) => one === name)), kNames), 'all names');
      assert.ok(await isUntouched(page));
      const types = await page.evaluate(() => [...new Set(window.got.map(([type]) => type))]);
      assert.deepEqual(types, ['data']);
    });
  }

  test('cannot get out of a refusal, which names the channel, too', async () => {
    const strict = await startServer({'front.auth': 'token'});
    const page = await openPage(`http://${strict.front}/ping?cb=`);
    await page.evaluate(() => {
      Object.assign(window, {got: [], takenTimes: 0, taken: () => window.takenTimes++});
      window.icomet_cb = (message) => window.got.push([message.type, message.cname]);
    });
    for (const name of kNames) {
      await page.evaluate((query) => document.body.append(Object.assign(document.createElement('iframe'), {src: `/iframe?${query}`})),
        `${new URLSearchParams({cname: name})}`);
    }
    await eventually(async () => (await page.evaluate(() => window.got.length)) >= kNames.length, 'all refusals');
    assert.deepEqual((await page.evaluate(() => window.got)).sort(), kNames.map((name) => ['401', name]).sort());
    assert.ok(await isUntouched(page));
  });

  test('cannot put script into a callback', async () => {
    const page = await look();
    for (const callback of kBadCallbacks) {
      const query = `${new URLSearchParams({cname: 'a', cb: callback})}`;
      for (const path of ['/poll', '/sub', '/ping']) {
        const answer = await fetch(`http://${server.front}${path}?${query}`);
        assert.equal(answer.status, 400, callback);
        assert.equal(answer.headers.get('x-injected'), null);
        assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
        assert.equal(await answer.text(), 'cb is not an identifier path of at most 128 bytes\n', 'what was sent is not sent back');
      }
      await page.evaluate((source) => new Promise((resolve) => {
        const script = Object.assign(document.createElement('script'), {src: source, onload: resolve, onerror: resolve});
        document.body.append(script);
      }), `/poll?${query}`);
    }
    assert.ok(await isUntouched(page));
  });
});
