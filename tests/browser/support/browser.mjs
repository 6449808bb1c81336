// Debian's Chromium, driven by playwright-core, and pages that note what goes wrong in them.

import {mkdirSync} from 'node:fs';
import {join} from 'node:path';

import {chromium} from 'playwright-core';

import {kPatienceMs} from './eventually.mjs';

const kPictures = process.env.COMET_SCREENSHOTS || 'build/screenshots';

// Nothing of these asks for hosts elsewhere; as root there is no sandbox to be had.
const kArguments = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--force-color-profile=srgb'];

export const desktop = {viewport: {width: 1440, height: 900}};
export const phone = {viewport: {width: 360, height: 740}, deviceScaleFactor: 2, isMobile: true, hasTouch: true};

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.chromium = await chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: kArguments, timeout: kPatienceMs});
    return browser;
  }

  // A page of its own context: no storage is shared. `faults` are errors that the page had.
  async open(url, options = desktop) {
    const context = await this.chromium.newContext({colorScheme: 'light', ...options});
    context.setDefaultTimeout(kPatienceMs);
    const page = await context.newPage();
    page.faults = [];
    page.foreign = [];
    page.on('pageerror', (error) => page.faults.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) page.faults.push(message.text());
    });
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(url).host) page.foreign.push(request.url());
    });
    await page.addInitScript(() => {
      window.violations = [];
      document.addEventListener('securitypolicyviolation', (event) => {
        window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
      });
    });
    await page.goto(url);
    return page;
  }

  async close() {
    await this.chromium.close();
  }
}

export async function picture(page, name, options = {}) {
  mkdirSync(kPictures, {recursive: true});
  await page.screenshot({path: join(kPictures, `${name}.png`), animations: 'disabled', ...options});
}

export const text = (page, selector) => page.locator(selector).innerText();
export const number = async (page, selector) => Number((await text(page, selector)).replace(/[^\d.]/g, ''));
