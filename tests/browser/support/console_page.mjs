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
