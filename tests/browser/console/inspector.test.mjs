// The inspector of the console in a real browser, against the real server.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {picture, text} from '../support/browser.mjs';
import {isFaultless, logged, open, stateIs, watch} from '../support/console_page.mjs';
import {eventually} from '../support/eventually.mjs';
import {server, setStage} from '../support/stage.mjs';

const kAwkward = ['plain', '<script>document.title="taken"</script>', '<img src=x onerror=alert(1)>', '"quotes" & \'apostrophes\' \\ `ticks`',
  'Grüße, Ελλάδα, 日本語, 👋🏽', 'two\nlines\tand a tab', '  spaces  kept  ', '{"json":[1,2,{"a":null}]}', '</li></ol>', ''];

setStage();

describe('the inspector', () => {
  test('tails exactly what is pushed, in order, as text', async () => {
    const page = await open();
    await watch(page, 'awkward');
    await page.locator('#watch-state', {hasText: 'no such channel'}).waitFor();
    for (const content of kAwkward) await server.push('awkward', content);
    await eventually(async () => (await logged(page)).length === kAwkward.length, 'all of them');
    assert.deepEqual(await logged(page), kAwkward);
    assert.deepEqual(await page.locator('#log li .seq').allInnerTexts().then((all) => all.filter(Boolean)), kAwkward.map((_, i) => String(i + 1)));
    assert.equal(await page.locator('#log script, #log img').count(), 0);
    assert.doesNotMatch(await page.title(), /taken/);
    await picture(page, 'inspector');
    await isFaultless(page);
  });

  test('opens a channel whose name looks like markup, from the list', async () => {
    const name = '<b onclick="x">& ünïcödé "quoted"</b>';
    await server.push(name, 'hello');
    const page = await open();
    await page.fill('#prefix', '<b');
    await page.locator('#channels-rows button', {hasText: name}).click();
    await eventually(async () => (await logged(page)).length === 1, 'its message');
    assert.equal(await page.inputValue('#watch-name'), name);
    assert.equal(await page.locator('#channels-rows b').count(), 0);
    await page.reload();
    await eventually(async () => (await logged(page)).length === 1, 'the same channel after a reload');
    await isFaultless(page);
  });

  test('that is opened in a pause shows each message once when it goes on', async () => {
    const page = await open();
    await server.push('paused', 'one');
    await page.click('#pause');
    await stateIs(page, 'paused');
    await watch(page, 'paused');
    await page.locator('#watch-state', {hasText: 'Paused.'}).waitFor();
    const tails = [];
    page.on('request', (request) => request.url().includes('/tail?') && tails.push(request));
    await page.click('#pause');
    await page.locator('#watch-state[data-kind=watching]').waitFor();
    await server.push('paused', 'two');
    await eventually(async () => (await logged(page)).includes('two'), 'the message');
    assert.deepEqual(await logged(page), ['one', 'two']);
    assert.equal(tails.length, 1);
  });

  test('is not counted among the subscribers', async () => {
    await server.push('uncounted', 'x');
    const page = await open();
    await watch(page, 'uncounted');
    await eventually(async () => (await logged(page)).length === 1, 'the message');
    assert.equal((await server.info('uncounted')).subscribers, 0);
  });

  test('keeps a bounded number of messages', async () => {
    const page = await open();
    await server.push('many', '0');
    await watch(page, 'many');
    await eventually(async () => (await logged(page)).length === 1, 'the first');
    for (let i = 1; i <= 520; ++i) await server.push('many', String(i));
    await eventually(async () => (await logged(page)).at(-1) === '520', 'the last');
    const kept = await logged(page);
    assert.equal(kept.length, 500);
    assert.equal(kept[0], '21');
    assert.match(await text(page, '#log-note'), /521 messages came/);
  });

  test('pushes, signs and closes', async () => {
    const page = await open();
    const subscribers = await server.subscribe('acts', 2);
    await watch(page, 'acts');
    await page.fill('#push-content', 'from the <page>');
    await page.click('#push-form .primary');
    await page.locator('#outcome', {hasText: 'Pushed.'}).waitFor();
    await eventually(async () => (await logged(page)).join() === 'from the <page>', 'the message in the log');
    await eventually(() => subscribers.received === 2, 'the message at both subscribers');

    await page.click('#sign');
    await page.locator('#signed').waitFor();
    assert.match(await page.inputValue('#token'), /^[0-9a-f]{32}$/);
    assert.equal(await page.inputValue('#token'), JSON.parse(await server.ask('/sign', {cname: 'acts'})).token);
    await picture(page, 'signed');

    await page.click('#close-channel');
    await page.locator('#confirm[open]').waitFor();
    assert.match(await text(page, '#confirm-text'), /“acts”/);
    await picture(page, 'confirm');
    await page.click('#confirm button[value=cancel]');
    assert.equal(await server.ask('/check', {cname: 'acts'}), '{"acts": 1}\n');
    await page.click('#close-channel');
    await page.click('#confirm button[value=yes]');
    await page.locator('#log .remark', {hasText: 'closed'}).waitFor();
    await eventually(() => subscribers.ended === 2, 'the end of both subscribers');
    await isFaultless(page);
  });

  test('says what the server refuses', async () => {
    const page = await open();
    await watch(page, 'refused');
    await page.fill('#push-content', 'x'.repeat((1 << 20) + 1));
    await page.click('#push-form .primary');
    await page.locator('#outcome[data-kind=bad]', {hasText: 'longer than'}).waitFor();
  });
});
