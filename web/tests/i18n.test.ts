import { describe, expect, it } from 'vitest';

type Module = { default: Record<string, string> };
const english = import.meta.glob<Module>('../src/i18n/*.en.ts', { eager: true });
const chinese = import.meta.glob<Module>('../src/i18n/*.zh.ts', { eager: true });
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe('texts', () => {
  it('exist in both languages', () => {
    const twins = Object.keys(english).map((path) => path.replace('.en.ts', '.zh.ts'));
    expect(Object.keys(chinese).sort()).toEqual(twins.sort());
    expect(twins.length).toBeGreaterThan(0);
  });

  for (const [path, { default: en }] of Object.entries(english)) {
    const zh = chinese[path.replace('.en.ts', '.zh.ts')]?.default ?? {};
    it(`of ${path} have the same keys and placeholders`, () => {
      expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
      for (const key of Object.keys(en)) {
        expect({ key, values: placeholders(zh[key]!) }).toEqual({ key, values: placeholders(en[key]!) });
      }
    });

    it(`of ${path} are not empty, and Chinese is Chinese`, () => {
      for (const key of Object.keys(en)) {
        if (en[key] === '') continue;
        expect(zh[key], key).not.toBe('');
        // Names, units and symbols may be the same; a phrase may not.
        if (/[a-z]{3,} [a-z]{3,}/.test(en[key]!)) expect(zh[key], key).toMatch(/\p{Script=Han}/u);
      }
    });
  }
});
