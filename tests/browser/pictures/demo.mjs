// Makes the picture of the README's demonstration: two people chat while the crowd is nudged.
//   COMET_SERVER=build/comet-server COMET_SCREENSHOTS=docs node tests/browser/pictures/demo.mjs

import {setTimeout as later} from 'node:timers/promises';

import {Browser, picture} from '../support/browser.mjs';
import {startDemo} from '../support/demo.mjs';

const kClients = 2000;
const kShownMs = 62_000;  // what the plot shows of it
const kTalk = ['Hello from my desk.', 'Hello from my phone.', 'Who moves the crowd?', 'I do: the arrows nudge it.'];

const browser = await Browser.start();
const {child, url} = await startDemo(kClients);
const desk = await browser.open(url, {viewport: {width: 1280, height: 720}});
const phone = await browser.open(url);
await later(kShownMs * 0.7);
for (let i = 0; i < 3; ++i) await phone.click('#up');
for (const [i, text] of kTalk.entries()) {
  const page = [desk, phone][i % 2];
  await page.fill('#text', text);
  await page.press('#text', 'Enter');
  await later(kShownMs * 0.3 / kTalk.length);
}
await desk.locator('#text').blur();
await picture(desk, 'demo');
await browser.close();
child.kill('SIGINT');
