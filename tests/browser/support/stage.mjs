// What a file of tests in Chromium has from begin to end, a browser and a server, and what one of its
// tests needs besides, which ends with that test.

import {after, afterEach, before} from 'node:test';

import {Browser} from './browser.mjs';
import {Door} from './door.mjs';
import {kPatienceMs} from './eventually.mjs';
import {CometServer} from './server.mjs';

export let browser;
export let server;  // of all tests that need none of their own
const endings = [];

// To be called once by the file; settings are those of `server`.
export function setStage(settings) {
  before(async () => {
    [browser, server] = await Promise.all([Browser.start(), CometServer.start(settings)]);
  }, {timeout: kPatienceMs});
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
}

export const afterwards = (end) => void endings.push(end);

export async function startServer(settings) {
  const own = await CometServer.start(settings);
  afterwards(() => own.stop());
  return own;
}

export async function openDoor(...given) {
  const own = await Door.open(...given);
  afterwards(() => own.close());
  return own;
}

export async function openPage(url, options) {
  const page = await browser.open(url, options);
  afterwards(() => page.context().close());
  return page;
}
