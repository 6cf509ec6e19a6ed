import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Tokens = Record<string, string>;

function tokensOf(theme: 'light' | 'dark'): Tokens {
  const tokens: Tokens = {};
  for (const file of ['tokens.css', 'charts.css']) {
    const css = readFileSync(new URL(`../../src/design/${file}`, import.meta.url), 'utf8');
    const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
    for (const [, name, value] of block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/gi)) tokens[name!] = value!;
  }
  return tokens;
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

describe.each(['light', 'dark'] as const)('colours of charts in the %s theme', (theme) => {
  const tokens = tokensOf(theme);
  const names = Object.keys(tokens).filter((name) => /^(line-(?!strong)\w+|cursor-[ab]|series-\d)$/.test(name));

  it('are all there', () => {
    expect(names.length).toBeGreaterThanOrEqual(20);
  });

  // Series are lines, 3:1 (WCAG 2.1, 1.4.11); the others also write names, 4.5:1.
  it.each(names)('%s stands out on the surface', (name) => {
    expect(contrast(tokens[name]!, tokens['surface']!)).toBeGreaterThanOrEqual(name.startsWith('series') ? 3 : 4.5);
  });
});
