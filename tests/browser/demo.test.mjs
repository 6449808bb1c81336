// `make demo` as its visitors see it, on a wide screen and on a phone.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, test} from 'node:test';

import {Browser, desktop, lowContrasts, number, phone, picture, text} from './support/browser.mjs';
import {startDemo} from './support/demo.mjs';
import {eventually, kPatienceMs} from './support/eventually.mjs';

const kClients = 60;

let browser;
let demo;
let url;

before(async () => {
  browser = await Browser.start();
  ({child: demo, url} = await startDemo(kClients));
}, {timeout: kPatienceMs});
after(async () => {
  await browser?.close();
});

test('visitors on all devices see figures, the crowd, and what each other says', async () => {
  const wide = await browser.open(url, desktop);
  const small = await browser.open(url, {...phone, colorScheme: 'dark'});
  for (const page of [wide, small]) {
    await page.locator('#state[data-state=open]').waitFor();
    assert.equal(await text(page, '#state-text'), 'Live over WebSocket');
    await eventually(async () => (await number(page, '#subscribers')) >= kClients, 'subscribers');
    await eventually(async () => (await number(page, '#rate')) > 0, 'messages');
    await eventually(async () => (await number(page, '#latency')) > 0, 'a round trip');
    await eventually(async () => (await number(page, '#heard')) > 0, 'messages of this page');
  }
  const said = '<img src=x onerror=alert(1)> & "hello" </li>';
  await wide.fill('#name', 'somebody');
  await wide.fill('#text', said);
  await wide.press('#text', 'Enter');
  await small.locator('#messages li', {hasText: said}).waitFor();
  assert.equal(await text(small, '#messages li:has-text("hello") .who'), 'somebody');
  await wide.locator('#messages li.own', {hasText: said}).waitFor();
  await small.click('#up');
  assert.equal(await text(small, '#missed'), 'received, 0 missed');

  // The narrow page is no wider than the screen.
  assert.ok(await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await eventually(() => wide.evaluate(() => {
    const plot = document.querySelector('#plot');
    return plot.getContext('2d').getImageData(plot.width * 0.8, 0, plot.width * 0.15, plot.height).data.some((byte) => byte > 0);
  }), 'something on the plot');
  for (const page of [wide, small]) assert.deepEqual(await page.evaluate(lowContrasts), []);
  await picture(wide, 'demo');
  await picture(small, 'demo-phone');
  for (const page of [wide, small]) {
    assert.deepEqual(page.faults, []);
    assert.deepEqual(await page.evaluate(() => window.violations), []);
  }
});

test('whoever speaks too often is told so', async () => {
  const page = await browser.open(url, desktop);
  await page.locator('#state[data-state=open]').waitFor();
  await eventually(async () => (await number(page, '#latency')) > 0, 'the backend');
  for (let status = 200; status === 200;) {
    await page.fill('#text', 'again');
    const answered = page.waitForResponse(/\/say$/);
    await page.press('#text', 'Enter');
    status = (await answered).status();
  }
  await page.locator('#trouble').waitFor();
  assert.equal(await text(page, '#trouble'), 'Not so fast, please.');
  assert.equal(await page.inputValue('#text'), 'again');
});

test('Ctrl-C ends everything', async () => {
  demo.kill('SIGINT');
  const [code] = await once(demo, 'exit');
  assert.equal(code, 0);
  await assert.rejects(fetch(url));
});
