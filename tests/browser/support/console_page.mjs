// A page of the console, and what tests ask of it.

import assert from 'node:assert/strict';

import {openPage, server} from './stage.mjs';

// One that shows figures.
export async function open(options, hash = '') {
  const page = await openPage(server.console + hash, options);
  await stateIs(page, 'connected');
  return page;
}

export const stateIs = (page, state) => page.locator(`#state[data-state=${state}]`).waitFor();

export async function isFaultless(page) {
  assert.deepEqual(page.faults, []);
  assert.deepEqual(page.foreign, [], 'nothing comes from elsewhere');
  assert.deepEqual(await page.evaluate(() => window.violations), []);
}

// Contents of the log's messages, exactly.
export const logged = (page) => page.locator('#log li:not(.remark) .text').evaluateAll((all) => all.map((one) => one.textContent));

export async function watch(page, cname) {
  if (await page.locator('#inspector').isHidden()) await page.click('#inspect');
  await page.fill('#watch-name', cname);
  await page.click('#watch-form .primary');
}

// In the page: texts whose colour is too near to what lies behind them (WCAG 2, 1.4.3).
export function lowContrasts() {
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
