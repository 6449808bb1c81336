// The console in a real browser, while its server goes, comes, is full or wants a key.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {picture, text} from '../support/browser.mjs';
import {logged, open, stateIs, watch} from '../support/console_page.mjs';
import {eventually} from '../support/eventually.mjs';
import {openDoor, openPage, setStage, startServer} from '../support/stage.mjs';

setStage();

describe('a server that', () => {
  test('is restarted is found again', async () => {
    const own = await startServer();
    const door = await openDoor(own);
    try {
      const page = await openPage(door.console);
      await stateIs(page, 'connected');
      await page.locator('#channels-empty', {hasText: 'No channels yet.'}).waitFor();
      await own.push('a', 'before');
      await watch(page, 'a');
      await eventually(async () => (await logged(page)).join() === 'before', 'the message');
      await own.stop();
      await stateIs(page, 'lost');
      await page.locator('#state-beside', {hasText: 'figures of'}).waitFor();
      await page.locator('#watch-state[data-kind=lost]').waitFor();
      await picture(page, 'lost');
      await own.run();
      await own.push('a', 'after');  // with the same number, as a rule before the page is back
      await page.locator('#state-text', {hasText: 'Restarted'}).waitFor();
      await eventually(async () => (await logged(page)).join() === 'before,after', 'the message of the new channel');
      await eventually(async () => (await text(page, '#tile-turns')).endsWith('/s'), 'rates');
    } finally {
      door.close();
    }
  });

  test('drains is seen to, until it is gone', async () => {
    const own = await startServer({drain_timeout: 3600, 'limits.header_timeout': 3600});
    await own.subscribe('held', 300);  // who are sent away within seconds
    await own.hold();
    await own.push('held', 'the last news');
    const page = await openPage(own.console);
    await stateIs(page, 'connected');
    await watch(page, 'held');
    own.terminate();
    await stateIs(page, 'draining');
    await page.locator('#state-beside', {hasText: /\d subscribers? left to send away/}).waitFor();
    await eventually(async () => (await logged(page)).join() === 'the last news', 'the channel, still watched');
    await picture(page, 'draining');
    own.terminate();  // the second time means at once
    await stateIs(page, 'lost');
  });

  test('is near a limit is seen to be, and what it then refuses', async () => {
    const own = await startServer({'front.max_channels': 10});
    const page = await openPage(own.console);
    const channels = page.locator('[role=meter][aria-label=Channels]');
    const reads = (wanted) => eventually(async () => wanted.test((await channels.getAttribute('aria-valuetext')).replaceAll('\u202f', ' ')), wanted);
    await reads(/^0 of 10 · 0 %$/);
    for (let i = 1; i <= 7; ++i) await own.push(`channel ${i}`, 'x');
    await reads(/^7 of 10 · 70 % filling up$/);
    for (let i = 8; i <= 10; ++i) await own.push(`channel ${i}`, 'x');
    await reads(/^10 of 10 · 100 % almost full$/);
    await watch(page, 'channel 11');
    await page.fill('#push-content', 'x');
    await page.click('#push-form .primary');
    await page.locator('#outcome[data-kind=bad]', {hasText: 'channels'}).waitFor();
    await page.locator('#reasons dt', {hasText: 'too many channels'}).waitFor();
  });

  test('has many cores is shown with each', async () => {
    const own = await startServer({reactors: 64});
    const page = await openPage(own.console);
    await page.locator('#cores-rows tr').nth(63).waitFor();
    await eventually(() => page.locator('#chart-turns path.line').nth(63).count(), 'a line a core');
    assert.match(await text(page, '#chart-turns .legend'), /64 cores/);
  });

  test('asks for a key gets it with every request', async () => {
    const own = await startServer({'admin.key': 'right-as-the-mail'});
    const page = await openPage('about:blank');
    const keys = [];
    page.on('request', (request) => {
      if (!new URL(request.url()).pathname.startsWith('/console')) keys.push(request.headers().authorization);
    });
    await page.goto(own.console);
    await page.locator('#key[open]').waitFor();
    await picture(page, 'key');
    await page.fill('#key-input', 'wrong');
    await page.keyboard.press('Enter');
    await page.locator('#key-text', {hasText: 'refused'}).waitFor();
    await page.fill('#key-input', 'right-as-the-mail');
    await page.keyboard.press('Enter');
    await stateIs(page, 'connected');
    await own.push('locked', 'x');
    await watch(page, 'locked');
    await eventually(async () => (await logged(page)).length === 1, 'the message');
    keys.length = 0;
    await page.reload();
    await eventually(async () => (await logged(page)).length === 1, 'the message, after a reload');
    assert.deepEqual([...new Set(keys)], ['Bearer right-as-the-mail'], 'the tab keeps it');
    await page.evaluate(() => sessionStorage.clear());
    await page.clock.install();
    await page.reload();  // to the channel that was watched
    await page.locator('#key[open]').waitFor();
    await page.keyboard.press('Escape');
    await stateIs(page, 'lost');
    keys.length = 0;
    await page.clock.runFor(60_000);
    assert.deepEqual(keys, [], 'nothing is asked for until somebody does something');
    assert.ok(await page.locator('#key').isHidden());
    assert.equal(await text(page, '#state-text'), 'Locked');
    await page.click('#pause');
    await page.locator('#key[open]').waitFor();
  });

  test('is not looked at is not asked', async () => {
    const page = await open();
    await page.clock.install();
    await page.reload();
    await stateIs(page, 'connected');
    let asked = 0;
    page.on('request', () => ++asked);
    const hide = (hidden) => page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', {configurable: true, get: () => value});
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
    await hide(true);
    await stateIs(page, 'paused');
    asked = 0;
    await page.clock.runFor(60_000);
    assert.equal(asked, 0);
    await hide(false);
    await stateIs(page, 'connected');
  });
});
