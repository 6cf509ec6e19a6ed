// Every query that the Grafana dashboard makes, put to the server and its database as Grafana would.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { sql } from './database';

const folder = resolve(__dirname, '..', '..', 'deploy', 'grafana');
const dashboard = JSON.parse(readFileSync(join(folder, 'dashboard.json'), 'utf8')) as Dashboard;

interface Target {
  rawSql?: string;
  url?: string;
  type?: string;
  url_options?: { headers?: { key: string; value: string }[] };
  root_selector?: string;
  columns?: { selector: string }[];
  computed_columns?: { selector: string }[];
}
interface Dashboard {
  panels: { title: string; targets: Target[] }[];
  templating: { list: { name: string; type: string; query: string }[] };
  annotations: { list: { name: string; target: Target }[] };
}

const to = Date.now();
const from = to - 30 * 86_400_000;
const variables: Record<string, string> = { site: 'demo', machine: 'pump-1', point: 'drive-end', feature: 'velocity_rms_mm_s' };
const iso = (ms: number) => new Date(ms).toISOString();

/** What Grafana makes of its macros and variables before it asks. */
function filled(text: string): string {
  return text
    .replace(/\$__timeFilter\((\w+)\)/g, (_, column: string) => `${column} BETWEEN '${iso(from)}' AND '${iso(to)}'`)
    .replace(/\$\{__from:date:iso\}/g, iso(from))
    .replace(/\$\{__to:date:iso\}/g, iso(to))
    .replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, bare?: string) => variables[braced ?? bare ?? ''] ?? whole);
}
/** As the role that reader.sql makes. */
const asReader = (query: string): string[] =>
  sql(inject('folder'), `SET ROLE grafana_reader; SET default_transaction_read_only = on; ${filled(query)};`);

beforeAll(() => {
  sql(inject('folder'), readFileSync(join(folder, 'reader.sql'), 'utf8'));
});

const targets = dashboard.panels.flatMap(({ title, targets: all }) => all.map((target) => ({ title, target })));
// The demo plant has no process values, so that their panel is empty.
const mayBeEmpty = /^Process values/;

describe('over the views, as a role that can read them alone', () => {
  test.each(targets.filter(({ target }) => target.rawSql))('$title', ({ title, target }) => {
    const rows = asReader(target.rawSql!);
    if (!mayBeEmpty.test(title)) expect(rows.length).toBeGreaterThan(0);
  });

  test.each(dashboard.templating.list.filter(({ type }) => type === 'query'))('variable $name', ({ name, query }) => {
    const values = asReader(query).map((row) => row.split('|')[0]);
    expect(values).toContain(variables[name]);
  });

  test.each(dashboard.annotations.list)('annotations: $name', ({ target }) => {
    expect(asReader(target.rawSql!).length).toBeGreaterThan(0);
  });

  test('and nothing else', () => {
    expect(() => asReader('SELECT * FROM trend LIMIT 1')).toThrow(/permission denied/);
    expect(() => asReader("UPDATE report_asset SET kind = 'x'")).toThrow(/read-only|permission denied|cannot update/);
  });

  test('what they say is what the API says', async () => {
    const answer = await fetch(`${inject('url')}v1/sites/demo/assetHealth?pageSize=100`);
    const { assets } = (await answer.json()) as { assets: { name: string; health: { condition: string } }[] };
    const told = assets.map(({ name, health }) => `${name.split('/').at(-1)}|${health.condition.slice(10).toLowerCase()}`);
    expect(asReader("SELECT asset, condition FROM report_asset WHERE site = '$site'").sort()).toEqual(told.sort());
  });
});

const valueAt = (row: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], row);

describe('over the REST API', () => {
  test.each(targets.filter(({ target }) => target.url))('$title', async ({ target }) => {
    const headers = Object.fromEntries((target.url_options?.headers ?? []).map(({ key, value }) => [key, value]));
    const response = await fetch(new URL(filled(target.url!), inject('url')), { headers });
    expect(response.status).toBe(200);
    const wanted = (target.columns ?? []).map((column) => column.selector);
    if (target.type === 'csv') {
      const [head, ...rows] = (await response.text()).split(/\r?\n/).filter(Boolean);
      expect(head!.split(',')).toEqual(expect.arrayContaining(wanted));
      expect(rows.length).toBeGreaterThan(10);
      for (const { selector } of target.computed_columns ?? []) expect(wanted).toContain(selector.split(' ')[0]);
    } else {
      const rows = valueAt(await response.json(), target.root_selector!) as unknown[];
      expect(rows.length).toBeGreaterThan(0);
      for (const column of wanted) expect(valueAt(rows[0], column), column).toBeDefined();
    }
  });
});
