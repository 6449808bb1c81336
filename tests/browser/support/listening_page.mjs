// A page of somebody's own site that listens, and what tests ask of it.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {eventually} from './eventually.mjs';
import {openPage, server, setStage} from './stage.mjs';
import {Site} from './site.mjs';

export const kAwkward = ['plain', '</script><script>document.title="taken"</script>', '</SCRIPT >', '<!--<script>', ']]>', `"quotes" & 'apostrophes' \\ \`ticks\` \${x}`,
  'Grüße, Ελλάδα, 日本語, 👋🏽, \u{1F468}\u200D\u{1F469}\u200D\u{1F467}', 'separators \u2028 and \u2029', 'two\nlines\r\nand a tab\t', 'data: x\n\ndata: y\nid: 7\n\n',
  '  spaces  kept  ', '{"type":"close","cname":"a","seq":1}', '\u0001\u001f\u007f\u0085', '', ');alert(1);//', 'long '.repeat(20_000)];
export const kBuffer = 20_000;

export let site;
let names = 0;

// To be called once by the file, in place of setStage.
export function setSite() {
  setStage({'front.channel_buffer_size': kBuffer});
  before(async () => {
    site = await Site.start();
  });
  after(() => site?.close());
}

export const channel = () => `channel-${++names}`;

// A page of the site, which has loaded comet.js from the server.
export const look = (front = `http://${server.front}`, options = {}) => openPage(site.page(`${front}/comet.js`), options);

export async function pushAll(of, cname, contents) {
  for (const content of contents) await of.push(cname, content);
}

export const numbered = (from, to) => Array.from({length: to - from + 1}, (_, i) => `message ${from + i}`);

export const got = (page) => page.evaluate(() => window.got);

export async function arrives(page, contents) {
  await eventually(async () => (await page.evaluate(() => window.got.length)) >= contents.length, `${contents.length} messages`);
  assert.deepEqual(await got(page), contents);
}

// Begins to listen with comet.js; notes everything that the page is told.
export async function listen(page, url, options) {
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

export const transport = (page) => page.evaluate(() => window.comet.transport);
export const state = (page) => page.evaluate(() => window.comet.state);
export const isOpen = (page) => eventually(async () => (await state(page)) === 'open', 'open');

// What there is of comet.js that the page could note; null leaves the choice to it.
export const kTransports = [null, 'ws', 'sse', 'stream', 'poll'];
export const chosen = (one) => (one ? {transports: [one]} : {});

export function forEachTransport(what, body) {
  for (const one of kTransports) {
    test(`${what}, over ${one ?? 'what it chooses'}`, () => body(one));
  }
}
