// Makes the picture of the README: the console while a load runs, with the inspector open.
//   COMET_SERVER=build/comet-server COMET_SCREENSHOTS=docs node tests/browser/pictures/console.mjs

import {setTimeout as later} from 'node:timers/promises';

import {Browser, picture} from '../support/browser.mjs';
import {CometServer} from '../support/server.mjs';

const kShownMs = 62_000;      // what the plots show of it
const kInspectedMs = 8000;
const kRoundMs = 50;
const kWatched = 'scores/live';

// What comes a round at the ebb, and how many listen.
const channels = [
  {name: 'ticker', subscribers: 90, messages: 8, say: (i) => `${(101.5 + Math.sin(i / 40) * 3).toFixed(2)} CHF`},
  {name: kWatched, subscribers: 60, messages: 0.1, say: (i) => `{"minute":${20 + i},"score":[2,1]}`},
  {name: 'chat/Zürich', subscribers: 40, messages: 2, say: (i) => `and ${i} more`},
  {name: 'news', subscribers: 25, messages: 0.5, say: () => 'Night trains return to Vienna'},
  {name: 'orders:eu-1', subscribers: 12, messages: 1, say: (i) => `order ${1000 + i} is packed`},
  {name: 'weather/alerts', subscribers: 9, messages: 0.2, say: () => 'Fog on the lake until noon'},
];

const [browser, server] = await Promise.all([Browser.start(), CometServer.start()]);
const groups = await Promise.all(channels.map(({name, subscribers}) => server.subscribe(name, subscribers)));
const page = await browser.open(server.console, {viewport: {width: 1280, height: 770}});

const began = Date.now();
const owed = channels.map(() => 0);
const spoken = channels.map(() => 0);
for (let spent = 0; spent < kShownMs; spent = Date.now() - began) {
  const tide = 1 + Math.sin(spent / 9000) ** 2;
  for (const [i, {name, messages, say}] of channels.entries()) {
    for (owed[i] += messages * tide; owed[i] >= 1; --owed[i]) await server.push(name, say(spoken[i]++));
  }
  if (spent > kShownMs - kInspectedMs && !page.url().includes('#')) {
    await page.locator('#channels-rows button', {hasText: kWatched}).evaluate((one) => one.click());
  }
  await later(kRoundMs);
}
await picture(page, 'console');

for (const group of groups) group.stop();
await browser.close();
await server.stop();
