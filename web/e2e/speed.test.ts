// How long people wait, on a plant of the size that was promised. Times are of this machine, printed and held to limits.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Dashboard, openBrowser } from './browser';
import { sql } from './database';

const assetCount = 1000;
const pointMinutes = 525_600;
const spectra = 500;
const bins = 2048;
/** A test build of the server and a shared machine are slower than what is promised: the promise is printed beside. */
const patience = 4;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

function report(what: string, found: number, promised: number, unit: string): void {
  console.log(`${what}: ${found.toFixed(0)} ${unit} (promised: ${promised} ${unit})`);
}
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe(`with ${assetCount} machines`, () => {
  beforeAll(async () => {
    const site = 'sites/large';
    const assets = Array.from({ length: assetCount }, (_, i) => ({
      name: `${site}/assets/machine-${String(i + 1).padStart(4, '0')}`,
      displayName: `Machine ${i + 1}`,
      kind: 'pump',
    }));
    const response = await fetch(`${inject('url')}v1/${site}:import`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ plant: { site: { name: site, displayName: 'Large plant' }, assets } }),
    });
    expect(response.ok, await response.text()).toBe(true);
  }, 120_000);
  afterAll(async () => {
    await fetch(`${inject('url')}v1/sites/large?force=true`, { method: 'DELETE' });
  });

  test('the fleet shows its worst first at once', async () => {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const dashboard = await Dashboard.open(browser);
      const began = performance.now();
      await dashboard.page.goto(inject('url'), { waitUntil: 'commit' });
      await dashboard.page.locator('main').getByText('Cooling water pump 1').first().waitFor();
      times.push(performance.now() - began);
      if (i === 0) await dashboard.picture('fleet-large');
      await dashboard.close();
    }
    report(`fleet of ${assetCount} machines, from address to its worst machine`, median(times), 1000, 'ms');
    expect(median(times)).toBeLessThan(1000 * patience);
  });
});

describe('a point with a record each minute of a year', () => {
  const point = 'sites/demo/assets/conveyor-1/points/motor';
  beforeAll(() => {
    const [id] = sql(inject('folder'), "SELECT asset_id || '|' || point_id FROM asset JOIN point USING (asset_id) WHERE asset.slug = 'conveyor-1' AND point.slug = 'motor'");
    const [asset, number] = id!.split('|');
    const own = `asset_id = ${asset} AND point_id = ${number}`;
    // Copies of its first record, one for each minute of the year before, and their scores.
    sql(
      inject('folder'),
      `SELECT make_partition(parent, month) FROM unnest(ARRAY['trend', 'score']) AS parent,
         generate_series(now() - interval '14 months', now(), interval '1 month') AS month;
       CREATE TEMP TABLE first AS SELECT * FROM trend WHERE ${own} ORDER BY measured_at LIMIT 1;
       CREATE TEMP TABLE times AS SELECT (SELECT measured_at FROM first) - n * interval '1 minute' AS at
         FROM generate_series(1, ${pointMinutes}) AS n;
       INSERT INTO trend SELECT asset_id, point_id, at, site_id, feature_set, source, quality, speed_rpm, load_percent,
         content_hash, features, NULL FROM first, times;
       INSERT INTO score (asset_id, point_id, measured_at, model_version, site_id, condition, zone, verdict, health, confidence)
         SELECT asset_id, point_id, at, 1, site_id, 1, 0, 0, 90 + 8 * random(), 0.9 FROM first, times;
       INSERT INTO rollup_due SELECT DISTINCT asset_id, point_id, date_trunc('hour', at, 'UTC'), site_id FROM first, times
         ON CONFLICT DO NOTHING;`,
    );
  }, 180_000);

  test('shows its trend soon after the click', async () => {
    const rolled = async () => Number(sql(inject('folder'), 'SELECT count(*) FROM rollup_due')[0]);
    const deadline = Date.now() + 120_000;
    while ((await rolled()) > 0 && Date.now() < deadline) await new Promise((next) => setTimeout(next, 500));
    const dashboard = await Dashboard.open(browser);
    await dashboard.go(point);
    const times: number[] = [];
    const { page } = dashboard;
    const choose = (period: string) => page.getByText(period, { exact: true }).click();
    for (let i = 0; i < 5; i++) {
      await choose('24 h');
      await dashboard.settle();
      const answered = page.waitForResponse(/:queryTrend/);
      const began = performance.now();
      await choose('All');
      await (await answered).finished();
      // Drawn in the frame after the answer, shown in the next one.
      await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
      times.push(performance.now() - began);
    }
    await dashboard.picture('point-year');
    report(`trend of ${pointMinutes} records, from click to picture`, median(times), 300, 'ms');
    expect(median(times)).toBeLessThan(300 * patience);
    await dashboard.close();
  }, 200_000);
});

describe(`a waterfall of ${spectra} spectra of ${bins} bins`, () => {
  test('moves with the hand', async () => {
    const dashboard = await Dashboard.open(browser);
    const values = Float32Array.from({ length: spectra * bins }, (_, i) => 0.01 + ((i * 7919) % 1000) / 1e4);
    const waterfall = {
      unit: 'm/s2',
      stepHz: 3.125,
      binCount: bins,
      timeUs: Array.from({ length: spectra }, (_, i) => String(1_760_000_000_000_000 + i * 3_600_000_000)),
      speedRpm: Array.from({ length: spectra }, () => 1430),
      octets: Buffer.from(values.buffer).toString('base64'),
      recordCount: String(spectra),
    };
    await dashboard.page.route('**/*:waterfall*', (route) => route.fulfill({ json: waterfall }));
    await dashboard.go('sites/demo/assets/pump-1/points/drive-end?tab=waterfall');
    const canvas = dashboard.page.locator('main canvas').first();
    await canvas.waitFor();
    const box = (await canvas.boundingBox())!;
    const { mouse } = dashboard.page;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await canvas.focus().catch(() => undefined);
    await dashboard.page.keyboard.press('+');
    await dashboard.page.keyboard.press('+');
    await dashboard.page.evaluate(() => {
      const counted = window as unknown as { frames: number };
      counted.frames = 0;
      const count = () => {
        counted.frames += 1;
        requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
    });
    await mouse.move(x, y);
    await mouse.down();
    const began = performance.now();
    const before = await dashboard.page.evaluate(() => (window as unknown as { frames: number }).frames);
    for (let i = 0; performance.now() - began < 2000; i++) await mouse.move(x + 150 * Math.sin(i / 8), y + 40 * Math.cos(i / 8));
    const seconds = (performance.now() - began) / 1000;
    const frames = (await dashboard.page.evaluate(() => (window as unknown as { frames: number }).frames)) - before;
    await mouse.up();
    await dashboard.picture('waterfall-large');
    report(`waterfall of ${spectra} x ${bins} while it is moved`, frames / seconds, 30, 'frames a second');
    expect(frames / seconds).toBeGreaterThan(30 / patience);
    await dashboard.close();
  });
});
