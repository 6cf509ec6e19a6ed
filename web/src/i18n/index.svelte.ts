// Words. Each page has its own <page>.en.ts and <page>.zh.ts; a page's translator is made once:
//   export const t = translator(en, zh);   t('open_since', { time })   t.count('cases', 3)
// count() picks "cases.one" or "cases.other" by the language's plural rules.

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];
export type Texts = Record<string, string>;
type Values = Record<string, string | number>;

const storageKey = 'auscult.language';

function initial(): Language {
  const stored = localStorage.getItem(storageKey);
  if (stored === 'en' || stored === 'zh') return stored;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

class LanguageChoice {
  #current = $state<Language>(initial());

  get current(): Language {
    return this.#current;
  }

  set current(language: Language) {
    this.#current = language;
    localStorage.setItem(storageKey, language);
    this.apply();
  }

  /** For Intl: the language of dates and numbers. English dates are day before month. */
  get locale(): string {
    return this.#current === 'zh' ? 'zh-CN' : 'en-GB';
  }

  apply(): void {
    document.documentElement.lang = this.#current === 'zh' ? 'zh-CN' : 'en';
  }
}

export const language = new LanguageChoice();

/** Replaces {name} by its value. */
export const fill = (text: string, values: Values): string =>
  text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole));

type CountKey<Key extends string> = Key extends `${infer Stem}.other` ? Stem : never;

export interface Translator<T extends Texts> {
  (key: keyof T & string, values?: Values): string;
  /** A number with its noun: `{n}` in the text is the number. */
  count(key: CountKey<keyof T & string>, n: number, values?: Values): string;
  /** For keys that are made from data, such as enum values: the fallback where there is none. */
  of(key: string, fallback?: string): string;
}

const counts = new Map<string, Intl.NumberFormat>();

function countText(n: number): string {
  let format = counts.get(language.locale);
  if (!format) counts.set(language.locale, (format = new Intl.NumberFormat(language.locale)));
  return format.format(n);
}

export function translator<T extends Texts>(en: T, zh: Record<keyof T, string>): Translator<T> {
  const texts = (): Texts => (language.current === 'zh' ? zh : en) as Texts;
  const translate = (key: string, values: Values = {}): string => fill(texts()[key] ?? key, values);
  return Object.assign(translate, {
    count(key: string, n: number, values: Values = {}): string {
      const form = n === 1 && language.current === 'en' ? 'one' : 'other';
      const text = texts()[`${key}.${form}`] ?? texts()[`${key}.other`] ?? key;
      return fill(text, { n: countText(n), ...values });
    },
    of: (key: string, fallback = key): string => texts()[key] ?? fallback,
  }) as Translator<T>;
}
