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

// In the page: texts whose colour is too near to what lies behind them (WCAG 2, 1.4.3).
export function lowContrasts() {
  const pen = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const channels = (color) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
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
      if (channels(color)[3] > 0) return color;
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
