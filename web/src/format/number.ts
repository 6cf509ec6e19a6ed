import { language } from '../i18n/index.svelte';

/** With as many digits as say something: three significant ones, and no exponent between 0.001 and 1e6. */
export function number(value: number | undefined, significant = 3): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(significant - 1).replace('-', '−');
  const digits = size >= 10 ** (significant - 1) ? 0 : Math.min(6, significant - 1 - Math.floor(Math.log10(size || 1)));
  return fixed(value, digits);
}

// Making one of these costs more than a row of a table.
const formats = new Map<string, Intl.NumberFormat>();

export function fixed(value: number, digits: number): string {
  const key = `${language.locale} ${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language.locale, { maximumFractionDigits: digits });
    formats.set(key, format);
  }
  return format.format(value).replace('-', '−');
}

/** 0.934 -> "93 %" */
export const percent = (share: number | undefined): string =>
  share === undefined ? '–' : language.current === 'zh' ? `${Math.round(share * 100)}%` : `${Math.round(share * 100)} %`;

/** Of a certainty: nothing that was measured is 100 % certain. */
export const certainty = (share: number | undefined): string =>
  share !== undefined && share >= 0.995 ? `>\u202f${percent(0.99)}` : percent(share);

/** A number with its unit, a narrow space between. */
export const measured = (value: number | undefined, unit: string, significant = 3): string =>
  unit ? `${number(value, significant)}\u202f${unit}` : number(value, significant);
