// The charts of a point, worked with mouse and keyboard; and the report, printed.
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Dashboard, openBrowser, type Language, type Theme } from './browser';

const point = 'sites/demo/assets/pump-1/points/drive-end';
const tabs = ['trend', 'waveform', 'spectrum', 'envelope', 'waterfall', 'records', 'limits'];
const looks: [Language, Theme][] = [['en', 'light'], ['zh', 'dark']];

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** What the address says, once it says it: it follows the picture after a moment. */
const says = (page: Page, pattern: RegExp) => expect.poll(() => decodeURIComponent(page.url()), { timeout: 5000 }).toMatch(pattern);

/** The plot area of the chart, in pixels of the page. */
async function plotOf(page: Page) {
  const area = page.locator('main .u-over').first();
  await area.waitFor();
  const { x, y, width, height } = (await area.boundingBox())!;
  return { x, y, width, height, at: (share: number): [number, number] => [x + share * width, y + height / 2] };
}

async function opened(path: string): Promise<{ dashboard: Dashboard; page: Page }> {
  const dashboard = await Dashboard.open(browser, { width: 1360, height: 1300 });
  await dashboard.go(path);
  return { dashboard, page: dashboard.page };
}

describe.each(looks)('a point in %s, %s', (language, theme) => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await Dashboard.open(browser, { language, theme });
  });
  afterAll(() => dashboard.close());

  test.each(tabs)('shows its %s to everybody', async (tab) => {
    dashboard.complaints.length = 0;
    await dashboard.go(`${point}?tab=${tab}`);
    if (!['records', 'limits'].includes(tab)) await dashboard.page.locator('main canvas').first().waitFor();
    await dashboard.picture(`point-${tab}-${language}-${theme}`);
    await dashboard.isAccessible(`${tab} ${language} ${theme}`);
    expect(dashboard.complaints).toEqual([]);
  });
});

describe('a trend', () => {
  test('has two cursors, zooms, moves and comes back', async () => {
    const { dashboard, page } = await opened(point);
    const plot = await plotOf(page);
    await page.mouse.click(...plot.at(0.3));
    await page.mouse.click(...plot.at(0.7));
    await says(page, /[?&]a=\d+.*&b=\d+/);
    expect(await page.locator('.readings tbody tr').first().locator('td').nth(3).textContent()).toMatch(/^[+−]?\d/);
    await page.mouse.move(...plot.at(0.45));
    await page.mouse.down();
    await page.mouse.move(...plot.at(0.6), { steps: 4 });
    await page.mouse.up();
    await says(page, /view=/);
    await page.mouse.dblclick(...plot.at(0.5));
    await says(page, /drive-end\?(?!.*view=)/);
    await dashboard.close();
  });

  test('is worked by the keyboard alone', async () => {
    const { dashboard, page } = await opened(point);
    await page.locator('main [role=application]').focus();
    for (const key of ['a', 'ArrowRight', '+']) await page.keyboard.press(key);
    await says(page, /view=.*a=\d+|a=\d+.*view=/);
    for (const key of ['Escape', '0']) await page.keyboard.press(key);
    await says(page, /drive-end$/);
    await dashboard.close();
  });

  test('is saved as CSV and as a picture, and reads as a table', async () => {
    const { dashboard, page } = await opened(point);
    const saved = async (name: string) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name, exact: true }).click()]);
      return readFileSync((await download.path())!);
    };
    const csv = (await saved('CSV')).toString('utf8');
    expect(csv).toMatch(/^\uFEFFTime,Health/);
    expect(csv.split('\r\n').length).toBeGreaterThan(50);
    expect((await saved('PNG')).subarray(1, 4).toString()).toBe('PNG');
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    expect(await page.locator('main figure table tbody tr').count()).toBeGreaterThan(50);
    await dashboard.close();
  });
});

describe('a spectrum', () => {
  test('has a harmonic cursor that a high harmonic moves finely, and sidebands at the rate of the shaft', async () => {
    const { dashboard, page } = await opened(`${point}?tab=envelope&frequency=Hz&cursor=h:127.5*6`);
    const plot = await plotOf(page);
    const fundamental = async () => Number(/cursor=h:([\d.]+)/.exec(decodeURIComponent(page.url()))?.[1]);
    await says(page, /cursor=h:/);
    const before = await fundamental();
    await page.mouse.move(...plot.at(0.51));
    await page.mouse.down();
    await page.mouse.move(...plot.at(0.53), { steps: 4 });
    await page.mouse.up();
    await expect.poll(fundamental, { timeout: 5000 }).not.toBe(before);
    // The fourth harmonic, by some 20 Hz: a quarter of it at the first.
    expect(Math.abs((await fundamental()) - before)).toBeLessThan(8);
    await page.locator('main [role=application]').focus();
    await page.keyboard.press('b');
    await says(page, /cursor=s:[\d.]+~2[34]\./);
    await page.keyboard.press('Escape');
    await says(page, /^(?!.*cursor)/);
    await dashboard.close();
  });

  test('names its peaks, and goes to them', async () => {
    const { dashboard, page } = await opened(`${point}?tab=envelope`);
    const named = page.locator('main .peaks tbody tr', { hasText: 'BPFI drive end' }).first();
    await named.getByRole('button').click();
    await says(page, /cursor=1:/);
    expect(await page.locator('main .peaks tbody').innerText()).toMatch(/BPFI drive end [−+] 1×/);
    await dashboard.close();
  });

  test('opens from the waterfall, and a reload keeps it', async () => {
    const { dashboard, page } = await opened(`${point}?tab=waterfall`);
    const box = (await page.locator('main canvas').first().boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await says(page, /tab=spectrum.*record=\d{4}-/);
    await dashboard.settle();
    const record = await page.locator('main select').first().inputValue();
    await page.reload();
    await dashboard.settle();
    expect(await page.locator('main select').first().inputValue()).toBe(record);
    await dashboard.close();
  });
});

describe('limits', () => {
  test('are set, drawn, and not overwritten by who read them before', async () => {
    const name = 'sites/demo/assets/fan-1/points/non-drive-end';
    const { dashboard, page } = await opened(`${name}?tab=limits`);
    await page.getByRole('button', { name: '+ Add limit' }).click();
    await page.getByRole('textbox', { name: 'Alert' }).fill('3.5');
    await page.getByRole('textbox', { name: 'Alarm' }).fill('2');
    await page.getByText('The alarm must be at least the alert.').waitFor();
    await page.getByRole('textbox', { name: 'Alarm' }).fill('7');
    // Somebody else is faster.
    const response = await fetch(`${inject('url')}v1/${name}/limits`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `${name}/limits`, limits: [{ feature: 'kurtosis', alert: 9 }] }),
    });
    expect(response.ok).toBe(true);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Show how they are now' }).click();
    await expect.poll(() => page.getByRole('combobox', { name: 'Feature' }).inputValue()).toBe('kurtosis');
    await page.getByRole('textbox', { name: 'Alert' }).fill('8');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect.poll(async () => (await (await fetch(`${inject('url')}v1/${name}/limits`)).json()).limits[0].alert).toBe(8);
    await dashboard.close();
  });
});

describe.each(looks)('the report in %s, %s', (language, theme) => {
  test('is for everybody, and one page of A4', async () => {
    const dashboard = await Dashboard.open(browser, { language, theme, width: 1100, height: 1500 });
    await dashboard.go('sites/demo/assets/pump-1/report');
    await dashboard.page.locator('main article svg').nth(2).waitFor();
    await dashboard.picture(`report-${language}-${theme}`);
    await dashboard.isAccessible(`report ${language} ${theme}`);
    const pdf = (await dashboard.page.pdf({ preferCSSPageSize: true })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
    expect(pdf).toMatch(/\/MediaBox\s*\[\s*0 0 59[45]\.?\d* 84[12]\.?\d*\s*\]/);
    expect(dashboard.complaints).toEqual([]);
    await dashboard.close();
  });
});

describe('the address of a point', () => {
  test('followed to another picture of the same point shows that one', async () => {
    const { dashboard, page } = await opened(point);
    for (const tab of ['Records', 'Envelope spectrum', 'Trend']) {
      const wanted = tab === 'Trend' ? 'trend' : tab === 'Records' ? 'records' : 'envelope';
      await dashboard.go(`${point}?tab=${wanted}`);
      await expect.poll(() => page.getByRole('tab', { selected: true }).innerText(), { timeout: 10_000 }).toBe(tab);
    }
    await dashboard.close();
  });
});
