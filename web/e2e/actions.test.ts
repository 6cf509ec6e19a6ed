// What people do on the pages, done to the real server.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { Dashboard, openBrowser } from './browser';
import { bearingWav } from './recording';
import { auscult } from './server';

let browser: Browser;
let dashboard: Dashboard;
let page: Page;
beforeAll(async () => {
  browser = await openBrowser();
  dashboard = await Dashboard.open(browser);
  page = dashboard.page;
});
beforeEach(() => void (dashboard.complaints.length = 0));
afterAll(() => browser.close());

/** Calls the REST API past the browser. */
async function rest(verb: string, path: string, body?: unknown): Promise<Record<string, any>> {
  const response = await fetch(`${inject('url')}v1/${path}`, {
    method: verb,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, any>;
  if (!response.ok) throw new Error(`${verb} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}
const dialog = () => page.getByRole('dialog');
const offered = () => page.getByRole('listbox', { name: /^Bearing/ }).getByRole('option');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });

describe('a case', () => {
  test('is acknowledged, and the server knows who did it', async () => {
    await dashboard.go('sites/demo/alarms/1');
    await button('Acknowledge').first().click();
    await dialog().getByLabel('Your name').fill('Shift A');
    await dashboard.picture('case-acknowledge');
    await dashboard.isAccessible('acknowledging a case');
    await dialog().getByRole('button', { name: 'Acknowledge' }).click();
    await dialog().waitFor({ state: 'detached' });
    await expect.poll(async () => (await rest('GET', 'sites/demo/alarms/1')).acknowledgedBy ?? '').toBe('Shift A');
  });
});

describe('a recording', () => {
  test('is read in the browser, and judged', async () => {
    const file = join(inject('folder'), '..', 'bearing.wav');
    writeFileSync(file, bearingWav());
    await dashboard.go('upload');
    await page.setInputFiles('input[type=file]', file);
    await page.getByText('What is in bearing.wav').waitFor();
    await page.getByLabel(/full scale of channel/).fill('1');
    await page.getByLabel(/^Speed of the shaft/).fill('1800');
    const bearing = page.getByRole('combobox', { name: /^Bearing/ });
    await bearing.fill('6205');
    await offered().first().waitFor();
    await bearing.press('ArrowDown');
    await bearing.press('Enter');
    await button('Judge it').click();
    await page.getByRole('heading', { name: 'Outer race defect' }).waitFor();
    await dashboard.picture('upload-judged');
    await dashboard.isAccessible('a judged recording');
    expect(dashboard.complaints).toEqual([]);
  });

  test('that cannot be read is refused with the place', async () => {
    await dashboard.go('upload');
    await page.setInputFiles('input[type=file]', { name: 'bad.csv', mimeType: 'text/csv', buffer: Buffer.from('a;b\n1;2\n3;oops\n') });
    await page.getByText('Line 3, column b').waitFor();
    await dashboard.isAccessible('a refused recording');
  });
});

describe('the plant', () => {
  test('takes a site, a machine, a bearing and a point, and lets them go', async () => {
    await dashboard.go('plant');
    await button('Add a site').click();
    await dialog().getByLabel('Name of the site').fill('Trial hall');
    await dialog().getByRole('button', { name: 'Add' }).click();
    await page.getByRole('heading', { level: 1, name: 'Trial hall' }).waitFor();
    await button('Add a machine').click();
    await dialog().getByLabel('Name of the machine').fill('Pump 9');
    await dialog().getByRole('button', { name: 'Add' }).click();
    await page.getByRole('heading', { level: 1, name: 'Pump 9' }).waitFor();
    await page.getByLabel(/^Rated speed/).fill('1480');
    await button('Add a bearing').click();
    const bearing = page.getByRole('combobox', { name: /^Bearing/ });
    await bearing.fill('6203');
    await offered().first().click();
    await button('Save').click();
    await expect
      .poll(async () => (await rest('GET', 'sites/trial-hall/assets/pump-9')).machine?.bearings?.[0]?.bearing)
      .toMatch(/6203/);
    await button('Add a point').click();
    await dialog().getByLabel('Name of the point').fill('Drive end');
    await dialog().getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('link', { name: 'Drive end' }).waitFor();
    await dashboard.go('plant');
    await page.getByText('1 point without data').waitFor();
    await dashboard.picture('plant-todo');
    await dashboard.isAccessible('the to-do list');
    await dashboard.go('plant/trial-hall');
    await page.getByLabel('with all its machines and records').check();
    await button('Delete the site').click();
    await dialog().getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { level: 1, name: 'Plant' }).waitFor();
    await expect(rest('GET', 'sites/trial-hall')).rejects.toThrow(/NOT_FOUND/);
  });

  test('tells when somebody else was faster, and lets one decide', async () => {
    await dashboard.go('plant/demo/compressor-1');
    const name = page.getByLabel('Name of the machine');
    await name.fill('Compressor, mine');
    const asset = { name: 'sites/demo/assets/compressor-1', displayName: 'Compressor, theirs' };
    await rest('PATCH', `${asset.name}?updateMask=displayName`, asset);
    await button('Save').click();
    await page.getByText('Somebody else changed this meanwhile').waitFor();
    await dashboard.picture('plant-conflict');
    await dashboard.isAccessible('a conflict');
    await button('Take theirs').click();
    await expect.poll(() => name.inputValue()).toBe('Compressor, theirs');
    await name.fill('Side-channel compressor');
    await button('Save').click();
    await expect.poll(async () => (await rest('GET', asset.name)).displayName).toBe('Side-channel compressor');
  });
});

describe('models and jobs', () => {
  test('a version is imported, compared, activated and rolled back', async () => {
    const file = join(inject('folder'), '..', 'made.auscult');
    auscult({ address: inject('address') }, 'train', '--simulated', '60', '--rounds', '5', '--depth', '2', '-o', file);
    await dashboard.go('models');
    await page.setInputFiles('input[type=file]', file);
    await button('Activate version 1').waitFor();
    await button('Compare').first().click();
    await dialog().getByLabel('What', { exact: true }).selectOption({ label: 'Cooling water pump 1' });
    await dialog().getByRole('button', { name: 'Compare' }).click();
    await dialog().getByText('Alarms gained').waitFor({ timeout: 50_000 });
    await dashboard.picture('models-compared');
    await dashboard.isAccessible('a comparison');
    await dialog().getByRole('button', { name: 'Close' }).last().click();
    await button('Activate version 1').click();
    await dialog().getByRole('button', { name: 'Activate' }).click();
    const active = async () => (await rest('GET', 'models/diagnosis/versions/1')).active ?? false;
    await expect.poll(active).toBe(true);
    await button('Roll back').click();
    await dialog().getByRole('button', { name: 'Roll back' }).click();
    await expect.poll(active).toBe(false);
    await dashboard.isAccessible('versions');
  }, 120_000);

  test('history is judged again, adopted and taken back', async () => {
    await dashboard.go('models?tab=rescoring');
    await button('Judge history again').click();
    await dialog().getByLabel('What', { exact: true }).selectOption({ label: 'Exhaust fan' });
    await dialog().getByRole('button', { name: 'Start' }).click();
    await page.getByText('Done, not adopted').waitFor({ timeout: 50_000 });
    await dashboard.picture('rescoring-done');
    await button(/^Adopt/).click();
    await dialog().getByRole('button', { name: 'Adopt' }).click();
    await page.getByText('Adopted', { exact: true }).waitFor();
    await button(/^Take back/).click();
    await dialog().getByRole('button', { name: 'Take back' }).click();
    await page.getByText('Done, not adopted').waitFor();
    await dashboard.isAccessible('re-scorings');
  }, 90_000);

  test('a schedule is made and deleted', async () => {
    await dashboard.go('models?tab=schedules');
    await button('Add a schedule').click();
    await dialog().getByLabel('Name').fill('Nightly');
    await dialog().getByLabel('Cron').fill('61 * * * *');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().getByRole('alert').waitFor();
    await dialog().getByLabel('Cron').fill('30 2 * * MON-FRI');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await page.getByText('Nightly').waitFor();
    await dashboard.picture('schedules-one');
    await button('Delete Nightly').click();
    await dialog().getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Nothing is scheduled').waitFor();
  });
});

describe('the keyboard alone', () => {
  test('finds a machine and opens it', async () => {
    await dashboard.go('');
    await page.keyboard.press('/');
    await page.keyboard.type('gearbox');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Mixer gearbox/ }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  });

  test('skips to the content', async () => {
    await dashboard.go('cases');
    await page.reload();
    await dashboard.settle();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  });

  test('opens a dialog, leaves it, and is where it was', async () => {
    await dashboard.go('plant');
    await button('Add a site').focus();
    await page.keyboard.press('Enter');
    await dialog().waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Add a site');
  });

  test('reaches everything on the fleet in a sensible order', async () => {
    await dashboard.go('');
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const { activeElement: element } = document;
        const box = element?.getBoundingClientRect();
        return { name: element?.textContent?.trim() ?? '', shown: !!box && box.width > 0 && box.height > 0 };
      });
      expect(at.shown, at.name).toBe(true);
      seen.add(at.name);
    }
    expect([...seen].some((name) => name.includes('Cooling water pump 1'))).toBe(true);
  });
});

describe('a choice', () => {
  test('of language and theme stays', async () => {
    const own = await browser.newContext({ locale: 'zh-CN', colorScheme: 'dark' });
    const fresh = await own.newPage();
    await fresh.goto(inject('url'));
    await expect.poll(() => fresh.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(await fresh.locator('html').getAttribute('data-theme')).toBe('dark');
    await fresh.locator('header select').first().selectOption('en');
    await fresh.reload();
    await expect.poll(() => fresh.locator('html').getAttribute('lang')).toBe('en');
    await own.close();
  });
});
