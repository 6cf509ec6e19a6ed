// Every page, in both languages and both themes: it shows what it should, nothing complains, everybody can use it.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Dashboard, openBrowser, type Language, type Theme } from './browser';

interface PageCase {
  name: string;
  path: string;
  /** What must be read on it, whatever the language: data. */
  holds: RegExp;
}

const pages: PageCase[] = [
  { name: 'fleet', path: '', holds: /Cooling water pump 1/ },
  { name: 'asset', path: 'sites/demo/assets/pump-1', holds: /Cooling water pump 1/ },
  { name: 'point', path: 'sites/demo/assets/pump-1/points/drive-end', holds: /Pump 1 drive end/ },
  { name: 'cases', path: 'cases', holds: /Cooling water pump 1/ },
  { name: 'case', path: 'sites/demo/alarms/1', holds: /./ },
  { name: 'plant', path: 'plant', holds: /Demo plant/ },
  { name: 'plant-site', path: 'plant/demo', holds: /Exhaust fan/ },
  { name: 'plant-machine', path: 'plant/demo/pump-1', holds: /Pump 1 drive end/ },
  { name: 'plant-point', path: 'plant/demo/fan-1/drive-end', holds: /Fan drive end/ },
  { name: 'upload', path: 'upload', holds: /WAV/ },
  { name: 'models', path: 'models', holds: /./ },
  { name: 'rescoring', path: 'models?tab=rescoring', holds: /./ },
  { name: 'schedules', path: 'models?tab=schedules', holds: /./ },
  { name: 'operations', path: 'models?tab=operations', holds: /./ },
  { name: 'nowhere', path: 'no/such/page', holds: /./ },
];

const looks: [Language, Theme][] = [
  ['en', 'light'],
  ['zh', 'light'],
  ['en', 'dark'],
  ['zh', 'dark'],
];

/** Texts of the pages that nobody translated are their keys: lower-case words with underscores. */
const looksLikeKey = (text: string): boolean => /(^|\s)[a-z]+(_[a-z]+)+_(text|title|hint|why)(\s|$)/.test(text);

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

describe.each(looks)('in %s, %s', (language, theme) => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await Dashboard.open(browser, { language, theme });
  });
  afterAll(() => dashboard.close());

  test.each(pages)('$name', async ({ name, path, holds }) => {
    dashboard.complaints.length = 0;
    if (name === 'nowhere') await dashboard.page.goto(`${inject('url')}#/${path}`);
    else await dashboard.go(path);
    const main = dashboard.page.locator('main');
    await expect.poll(() => main.innerText(), { timeout: 15_000 }).toMatch(holds);
    const text = await main.innerText();
    expect(looksLikeKey(text), text).toBe(false);
    if (language === 'zh') expect(text).toMatch(/\p{Script=Han}/u);
    await dashboard.picture(`${name}-${language}-${theme}`);
    await dashboard.isAccessible(`${name} ${language} ${theme}`);
    expect(dashboard.complaints).toEqual([]);
  });
});

describe('on a telephone', () => {
  test.each(pages.filter(({ name }) => name !== 'nowhere'))('$name fits the width', async ({ name, path }) => {
    const dashboard = await Dashboard.open(browser, { width: 390, height: 800 });
    await dashboard.go(path);
    const width = await dashboard.page.evaluate(() => document.documentElement.scrollWidth);
    await dashboard.picture(`${name}-telephone`);
    expect(width).toBeLessThanOrEqual(390);
    await dashboard.isAccessible(`${name} on a telephone`);
    await dashboard.close();
  });
});

describe('when the server', () => {
  const answers: [string, number, string][] = [
    ['forbids', 403, 'PERMISSION_DENIED'],
    ['is busy', 503, 'UNAVAILABLE'],
    ['fails', 500, 'INTERNAL'],
  ];
  test.each(answers)('%s, every page says so', async (name, code, status) => {
    const dashboard = await Dashboard.open(browser);
    const body = JSON.stringify({ error: { code, status, message: 'made by a test', details: [] } });
    await dashboard.page.route('**/v1/**', (route) => route.fulfill({ status: code, contentType: 'application/json', body }));
    for (const { path } of pages.filter(({ name: page }) => !['upload', 'nowhere'].includes(page))) {
      await dashboard.page.goto(`${inject('url')}#/${path}`);
      const alert = dashboard.page.locator('main [role=alert]').first();
      await alert.waitFor({ timeout: 10_000 });
      expect(await alert.innerText(), path).not.toBe('');
    }
    await dashboard.picture(`state-${name.replaceAll(' ', '-')}`);
    await dashboard.isAccessible(name);
    await dashboard.close();
  });

  test('does not know who asks, every page asks for a key', async () => {
    const dashboard = await Dashboard.open(browser);
    const body = JSON.stringify({ error: { code: 401, status: 'UNAUTHENTICATED', message: 'made by a test', details: [] } });
    await dashboard.page.route('**/v1/**', (route) => route.fulfill({ status: 401, contentType: 'application/json', body }));
    for (const { path } of pages.filter(({ name: page }) => !['upload', 'nowhere'].includes(page))) {
      await dashboard.page.goto(`${inject('url')}#/${path}`);
      await dashboard.page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 10_000 });
    }
    await dashboard.close();
  });

  test('is away, the page says so and comes back by itself', async () => {
    const dashboard = await Dashboard.open(browser);
    await dashboard.page.route('**/v1/**', (route) => route.abort());
    await dashboard.page.goto(inject('url'));
    await dashboard.page.locator('main [role=alert]').first().waitFor();
    await dashboard.picture('state-away');
    await dashboard.page.unroute('**/v1/**');
    await dashboard.page.getByText('Cooling water pump 1').first().waitFor({ timeout: 15_000 });
    await dashboard.close();
  });
});
