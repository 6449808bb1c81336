// Makes the picture of the README: the console while a load runs, with the inspector open.
//   COMET_SERVER=../../build/comet-server COMET_SCREENSHOTS=../../docs node readme_picture.mjs

import {setTimeout as later} from 'node:timers/promises';

import {Browser, picture} from './support/browser.mjs';
import {CometServer} from './support/server.mjs';

const kSeconds = 75;
const channels = {'news': 60, 'scores/live': 40, 'chat/Zürich': 25, 'orders:eu-1': 12, 'weather/alerts': 9, 'ticker': 6, 'user-81723': 2};
const headlines = ['Comet passes Earth at 0.27 au', 'Ferry to Lausanne delayed by fog', 'Rosetta’s last picture found again',
  'Night trains return to Vienna', '{"score":[2,1],"minute":64}'];

const [browser, server] = await Promise.all([Browser.start(), CometServer.start()]);
const groups = [];
for (const [name, count] of Object.entries(channels)) groups.push(await server.subscribe(name, count));
const page = await browser.open(server.console, {viewport: {width: 1400, height: 880}});

const end = Date.now() + kSeconds * 1000;
const names = Object.keys(channels);
for (let i = 0; Date.now() < end; ++i) {
  const ebb = 1 + Math.sin(Date.now() / 9000) ** 2;
  for (let burst = 0; burst < 12 * ebb; ++burst) await server.push(names[(i + burst) % names.length], `${headlines[i % headlines.length]} (${i})`);
  await later(100);
  if (page.url().includes('#') || Date.now() < end - 10_000) continue;
  await page.locator('#channels-rows button').nth(1).click();
  page.url().includes('#') || await page.waitForURL('**#*');
}
await later(1500);
await picture(page, 'console');
groups.forEach((group) => group.stop());
await browser.close();
await server.stop();
