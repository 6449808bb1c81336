// The console in a real browser, against the real server.

import assert from 'node:assert/strict';
import {after, afterEach, before, describe, test} from 'node:test';

import {Browser, phone, picture} from './support/browser.mjs';
import {Door} from './support/door.mjs';
import {eventually, kPatienceMs} from './support/eventually.mjs';
import {CometServer} from './support/server.mjs';

const kAwkward = ['plain', '<script>document.title="taken"</script>', '<img src=x onerror=alert(1)>', '"quotes" & \'apostrophes\' \\ `ticks`',
  'Grüße, Ελλάδα, 日本語, 👋🏽', 'two\nlines\tand a tab', '  spaces  kept  ', '{"json":[1,2,{"a":null}]}', '</li></ol>', ''];

let browser;
let server;  // of all tests that need none of their own
const pages = [];
const servers = [];

before(async () => {
  [browser, server] = await Promise.all([Browser.start(), CometServer.start()]);
}, {timeout: kPatienceMs});
after(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  for (const page of pages.splice(0)) {
    await page.context().close();
  }
  for (const one of servers.splice(0)) await one.stop();
});

// A server of the test's own.
async function start(settings) {
  const own = await CometServer.start(settings);
  servers.push(own);
  return own;
}

async function look(url) {
  const page = await browser.open(url);
  pages.push(page);
  return page;
}

// A page of the console that shows figures.
async function open(options, hash = '') {
  const page = await browser.open(server.console + hash, options);
  pages.push(page);
  await stateIs(page, 'connected');
  return page;
}

const stateIs = (page, state) => page.locator(`#state[data-state=${state}]`).waitFor();
const text = (page, selector) => page.locator(selector).innerText();
const number = async (page, selector) => Number((await text(page, selector)).replace(/[^\d.]/g, ''));

async function isFaultless(page) {
  assert.deepEqual(page.faults, []);
  assert.deepEqual(page.foreign, [], 'nothing comes from elsewhere');
  assert.deepEqual(await page.evaluate(() => window.violations), []);
}

// Contents of the log's messages, exactly.
const logged = (page) => page.locator('#log li:not(.remark) .text').evaluateAll((all) => all.map((one) => one.textContent));

async function watch(page, cname) {
  if (await page.locator('#inspector').isHidden()) await page.click('#inspect');
  await page.fill('#watch-name', cname);
  await page.click('#watch-form .primary');
}

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

describe('a server that', () => {
  test('is restarted is found again', async () => {
    const own = await start();
    const door = await Door.open(own);
    try {
      const page = await look(door.console);
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
    const own = await start({drain_timeout: 3600, 'limits.header_timeout': 3600});
    await own.subscribe('held', 300);  // who are sent away within seconds
    await own.hold();
    await own.push('held', 'the last news');
    const page = await look(own.console);
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
    const own = await start({'front.max_channels': 10});
    const page = await look(own.console);
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
    const own = await start({reactors: 64});
    const page = await look(own.console);
    await page.locator('#cores-rows tr').nth(63).waitFor();
    await eventually(() => page.locator('#chart-turns path.line').nth(63).count(), 'a line a core');
    assert.match(await text(page, '#chart-turns .legend'), /64 cores/);
  });

  test('asks for a key gets it with every request', async () => {
    const own = await start({'admin.key': 'right-as-the-mail'});
    const page = await look('about:blank');
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
    await page.reload();
    await page.locator('#key[open]').waitFor();
    await page.keyboard.press('Escape');
    await stateIs(page, 'lost');
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

// In the page: texts whose colour is too near to what lies behind them (WCAG 2, 1.4.3).
function lowContrasts() {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const low = [];
  for (const one of document.querySelectorAll('body *')) {
    const hasText = [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '');
    if (!hasText || one.getClientRects().length === 0) continue;
    const style = getComputedStyle(one);
    const [a, b] = [luminance(one instanceof SVGElement ? style.fill : style.color), luminance(behind(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(`${one.tagName}.${one.className.baseVal ?? one.className}: ${ratio.toFixed(2)} “${one.textContent.slice(0, 30)}”`);
  }
  return low;
}
