// The console in a real browser, against the real server: what one sees of it, and by which keys.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';

import {lowContrasts, number, phone, picture, text} from '../support/browser.mjs';
import {isFaultless, logged, open, stateIs} from '../support/console_page.mjs';
import {eventually} from '../support/eventually.mjs';
import {server, setStage} from '../support/stage.mjs';

setStage();

describe('the page', () => {
  test('loads without a fault and with nothing from elsewhere', async () => {
    const page = await open();
    await eventually(async () => (await text(page, '#tile-turns')).endsWith('/s'), 'rates');
    assert.match(await text(page, '#about'), /comet \d+\.\d+\.\d+ · process \d+/);
    await page.locator('#cores-rows tr').nth(1).waitFor();
    await isFaultless(page);
  });

  test('lets no text become markup', async () => {
    const page = await open();
    const refused = await page.evaluate(() => {
      try {
        document.body.innerHTML = '<p>taken</p>';
        return false;
      } catch {
        return true;
      }
    });
    assert.ok(refused, 'the policy forbids innerHTML');
  });

  test('shows figures that change while a load runs', async () => {
    const page = await open();
    const subscribers = await server.subscribe('load', 50);
    const loading = new AbortController();
    const load = (async () => {
      for (let i = 0; !loading.signal.aborted; ++i) await server.push('load', `message ${i}`);
    })();
    try {
      await eventually(async () => (await number(page, '#tile-subscribers')) >= 50, 'subscribers');
      await eventually(async () => (await number(page, '#tile-deliveries')) > 0, 'deliveries');
      await eventually(async () => /\d/.test(await text(page, '#tile-lag')), 'a lag');
      await page.locator('#channels-rows button', {hasText: 'load'}).waitFor();
      for (const chart of ['subscribers', 'deliveries', 'lag', 'turns']) {
        await eventually(() => page.locator(`#chart-${chart} path.line`).count(), `a line of ${chart}`);
      }
      await picture(page, 'console-light', {fullPage: true});
      await page.emulateMedia({colorScheme: 'dark'});
      await picture(page, 'console-dark', {fullPage: true});
    } finally {
      loading.abort();
      await load;
      subscribers.stop();
    }
    await isFaultless(page);
  });

  test('draws a quarter of an hour of as many cores as there can be', async () => {
    const page = await open();
    const lines = await page.evaluate(async () => {
      const {Chart} = await import('/console/chart.js');
      const figure = document.body.appendChild(document.createElement('figure'));
      const cores = Array.from({length: 256}, (_, core) => ({name: `core ${core}`, tone: 'violet many', of: (one) => one.at + core}));
      const chart = new Chart(figure, {title: 'Turns', note: '', format: String, point() {}, lines: () => cores});
      chart.show({samples: Array.from({length: 900}, (_, i) => ({at: i * 1000})), from: 0, to: 900_000, cursor: null});
      const {length} = figure.querySelectorAll('path.line');
      figure.remove();
      return length;
    });
    assert.equal(lines, 256);
    await isFaultless(page);
  });

  test('is dark where the system is, and as it is told', async () => {
    const page = await open({viewport: {width: 1440, height: 900}, colorScheme: 'dark'});
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await paper();
    await page.keyboard.press('t');
    assert.notEqual(await paper(), dark, 'light');
    await page.keyboard.press('t');
    assert.equal(await paper(), dark, 'dark');
    await page.reload();
    assert.equal(await paper(), dark, 'the choice is kept');
    await page.emulateMedia({colorScheme: 'light'});
    assert.equal(await paper(), dark, 'whatever the system says');
    await page.keyboard.press('t');
    assert.notEqual(await paper(), dark, 'auto');
  });

  test('has contrast enough in both themes', async () => {
    for (const colorScheme of ['light', 'dark']) {
      const page = await open({viewport: {width: 1440, height: 900}, colorScheme}, '#contrast');
      assert.deepEqual(await page.evaluate(lowContrasts), [], colorScheme);
    }
  });

  test('fits a phone', async () => {
    const page = await open(phone);
    await server.push('phone', 'x');
    await page.locator('#channels-rows button', {hasText: 'phone'}).waitFor();
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(await overflow(), 0);
    await picture(page, 'phone', {fullPage: true});
    await page.locator('#channels-rows button', {hasText: 'phone'}).tap();
    await eventually(async () => (await logged(page)).length === 1, 'the message');
    assert.equal(await overflow(), 0);
    await picture(page, 'phone-inspector');
    await page.tap('#inspector-close');
    assert.ok(await page.locator('#inspector').isHidden());
    await isFaultless(page);
  });

  test('stands still for those who prefer it', async () => {
    const page = await open({viewport: {width: 1440, height: 900}, reducedMotion: 'reduce'});
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter((one) => {
      const {transitionDuration, animationName} = getComputedStyle(one);
      return transitionDuration !== '0s' || animationName !== 'none';
    }).length);
    assert.equal(moving, 0);
  });

  test('names everything for those who listen to it', async () => {
    const page = await open({}, '#named');
    const unnamed = await page.evaluate(() => [...document.querySelectorAll('button, input, textarea, dialog, section, nav, aside, [role=img], [role=region]')]
      .filter((one) => {
        const labels = [...(one.labels ?? [])].map((label) => label.textContent).join('');
        const by = (one.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('');
        return (one.getAttribute('aria-label') ?? '') + labels + by + (one.matches('button') ? one.textContent : '') === '';
      }).map((one) => one.outerHTML.slice(0, 80)));
    assert.deepEqual(unnamed, []);
    for (const landmark of ['banner', 'main', 'navigation', 'complementary', 'search']) {
      await page.getByRole(landmark).first().waitFor();
    }
  });
});

describe('the keyboard', () => {
  const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);

  test('is enough for everything', async () => {
    await server.push('keys-1', 'one');
    await server.push('keys-2', 'two');
    const page = await open();
    const press = (key) => page.keyboard.press(key);

    await press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await press('?');
    await page.locator('#help[open]').waitFor();
    await picture(page, 'help');
    await press('Escape');
    await page.locator('#help[open]').waitFor({state: 'detached'});

    await press('1');
    assert.ok(await page.isChecked('input[name=window][value="60"]'));
    await press('p');
    await stateIs(page, 'paused');
    await press('p');
    await stateIs(page, 'connected');

    await press('/');
    assert.equal(await focused(page), 'prefix');
    await page.keyboard.type('keys-');
    await page.locator('#channels-rows tr').nth(1).waitFor();
    await eventually(async () => (await page.locator('#channels-rows tr').count()) === 2, 'these two alone');
    await press('Escape');
    await page.locator('input[name=sort][value=name]').focus();
    await press('Space');
    await page.locator('#channels-rows button').first().focus();
    await eventually(async () => (await page.locator('#channels-rows button').allInnerTexts()).join() === 'keys-1,keys-2', 'by name');
    await press('ArrowDown');
    assert.equal(await focused(page), 'keys-2');
    await press('Enter');
    await eventually(async () => (await logged(page)).join() === 'two', 'its message');

    await press('m');
    assert.equal(await focused(page), 'push-content');
    await page.keyboard.type('typed? 123 /p');
    await press('Control+Enter');
    await eventually(async () => (await logged(page)).join() === 'two,typed? 123 /p', 'what was typed');

    await press('Tab');
    await press('Tab');
    await press('Tab');
    assert.equal(await focused(page), 'close-channel');
    await press('Enter');
    await page.locator('#confirm[open]').waitFor();
    await press('Tab');
    await press('Enter');
    await page.locator('#log .remark', {hasText: 'closed'}).waitFor();
    assert.equal(await focused(page), 'close-channel');

    await press('Escape');
    assert.ok(await page.locator('#inspector').isHidden());
    await press('i');
    assert.equal(await focused(page), 'watch-name');
    await page.keyboard.type('keys-1');
    await press('Enter');
    await eventually(async () => (await logged(page)).join() === 'one', 'the other channel');
    await isFaultless(page);
  });

  test('reaches every control, and one sees where it is', async () => {
    const page = await open({}, '#reach');
    const seen = new Set();
    let rounds = 0;
    while (rounds < 2) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const one = document.activeElement;
        if (one === document.body) return null;
        const shown = [one, one.nextElementSibling].some((part) => part && getComputedStyle(part).outlineStyle !== 'none');
        return {id: one.id || one.className.baseVal || one.className || one.name, shown};
      });
      if (at === null) {
        ++rounds;  // out of the page's end, and in again at its beginning
        continue;
      }
      assert.ok(at.shown, `${at.id} shows that it has the focus`);
      seen.add(at.id);
    }
    for (const id of ['pause', 'inspect', 'theme', 'help-open', 'prefix', 'plot', 'watch-name', 'log', 'push-content', 'sign', 'close-channel', 'inspector-close']) {
      assert.ok(seen.has(id), `${id} is reached: ${[...seen]}`);
    }
  });

  test('reads the plots', async () => {
    const page = await open();
    await page.locator('#chart-turns svg').focus();
    await eventually(async () => {
      await page.keyboard.press('ArrowLeft');
      return page.locator('#chart-subscribers .cross').count();
    }, 'a cursor in all plots');
    assert.match(await page.locator('#chart-turns [aria-live]').innerText(), /\d+:\d+:\d+.*core 0/);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.cross').count(), 0);
  });
});
