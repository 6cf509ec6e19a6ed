// Debian's Chromium, opened on the dashboard in a language and a theme.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect, inject } from 'vitest';

export type Language = 'en' | 'zh';
export type Theme = 'light' | 'dark';

const axeSource = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = resolve(__dirname, '..', '..', 'build', 'web-pictures');
mkdirSync(pictures, { recursive: true });

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

export interface Look {
  language?: Language;
  theme?: Theme;
  width?: number;
  height?: number;
  /** Of another server than the one that all tests share. */
  url?: string;
}

export class Dashboard {
  /** What the console complained of and what was thrown, beside failed requests. */
  readonly complaints: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {}

  static async open(browser: Browser, look: Look = {}): Promise<Dashboard> {
    const { language = 'en', theme = 'light', width = 1360, height = 900 } = look;
    const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
    await context.addInitScript(
      ([chosenLanguage, chosenTheme]) => {
        localStorage.setItem('auscult.language', chosenLanguage!);
        localStorage.setItem('auscult.theme', chosenTheme!);
      },
      [language, theme],
    );
    const page = await context.newPage();
    const dashboard = new Dashboard(context, page, look.url ?? inject('url'));
    page.on('pageerror', (error) => dashboard.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') dashboard.complaints.push(message.text());
    });
    return dashboard;
  }

  /** Goes to a page of the dashboard and waits until nothing is loading. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.url}#/${path}`);
    await this.settle();
  }

  /** Until there is a heading and no placeholder. */
  async settle(): Promise<void> {
    await this.page.waitForSelector('main h1', { timeout: 20_000 });
    await this.page.waitForFunction(() => !document.querySelector('.loading'), undefined, { timeout: 30_000 });
    await this.page.waitForTimeout(120);
  }

  /** build/web-pictures/<name>.png */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** No violation of WCAG 2.1, levels A and AA. */
  async isAccessible(where: string): Promise<void> {
    await this.page.evaluate(axeSource);
    const found = await this.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
      const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).slice(0, 5).join(' | ')}`);
    });
    expect(found, where).toEqual([]);
  }

  close = (): Promise<void> => this.context.close();
}
