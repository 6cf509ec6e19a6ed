// A server that wants to know who calls: the dashboard asks for a key, and shows what the key may see.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dashboard, openBrowser } from './browser';
import { auscult, startServer, type TestServer } from './server';

let server: TestServer;
let browser: Browser;
let secret = '';
beforeAll(async () => {
  server = await startServer();
  auscult(server, 'apply', '-f', 'deploy/demo_plant.yaml');
  // From here on nobody is let in without one.
  secret = auscult(server, 'keys', 'create', 'wall-display', '--grant', 'viewer@demo').trim();
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test('a page asks for a key, refuses a wrong one, and shows the plant for a right one', async () => {
  for (const language of ['en', 'zh'] as const) {
    const dashboard = await Dashboard.open(browser, { language, url: server.url });
    const { page } = dashboard;
    const signIn = language === 'en' ? 'Sign in' : '登录';
    await page.goto(server.url);
    await page.getByRole('heading', { name: signIn }).waitFor();
    await dashboard.picture(`sign-in-${language}`);
    await dashboard.isAccessible(`sign in, ${language}`);
    const key = page.locator('main input');
    await key.fill('ak_not_one_of_ours');
    await page.locator('main').getByRole('button', { name: signIn, exact: true }).click();
    await page.locator('main p.wrong').waitFor();
    await key.fill(secret);
    await page.locator('main').getByRole('button', { name: signIn, exact: true }).click();
    await page.getByText('Cooling water pump 1').first().waitFor();
    const leave = page.getByRole('button', { name: language === 'en' ? 'Sign out' : '退出登录' });
    await dashboard.settle();
    await dashboard.picture(`signed-in-${language}`);
    // Viewers change nothing, and are told so in words.
    const refused = await page.evaluate(
      async (word) =>
        (await fetch('v1/sites?siteId=mine', {
          method: 'POST',
          headers: { authorization: `Bearer ${word}`, 'content-type': 'application/json' },
          body: '{"displayName":"Mine"}',
        }).then((answer) => answer.status)) as number,
      secret,
    );
    expect(refused).toBe(403);
    await leave.click();
    await page.getByRole('heading', { name: signIn }).waitFor();
    await dashboard.context.close();
  }
});
