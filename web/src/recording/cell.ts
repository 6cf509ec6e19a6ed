import { knownUnit, secondsPerUnit } from './units';

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a cell says, NaN where it says "nan"; undefined for any other text. */
export function parseNumber(text: string, decimalComma = false): number | undefined {
  let trimmed = text.trim();
  if (decimalComma) {
    if (trimmed.includes('.')) return undefined;
    trimmed = trimmed.replace(',', '.');
  }
  if (numberPattern.test(trimmed)) return Number(trimmed);
  const word = trimmed.toLowerCase();
  if (word === 'nan') return Number.NaN;
  const infinity = /^([+-]?)inf(inity)?$/.exec(word);
  if (infinity) return infinity[1] === '-' ? -Infinity : Infinity;
  return undefined;
}

function parseTimeOfDay(text: string): number | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?$/.exec(text);
  if (!match) return undefined;
  const hours = Number(match[1]);
  const minutes = Number(match[2]);
  const seconds = Number((match[3] ?? '0').replace(',', '.'));
  if (hours > 23 || minutes > 59 || seconds >= 61) return undefined;
  return 3600 * hours + 60 * minutes + seconds;
}

function parseDate(text: string): number | undefined {
  const match = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return date.getTime() / 1000;
}

/** A clock time in seconds: since midnight, or since 1970 where a date stands before it. */
export function parseClock(text: string): number | undefined {
  const trimmed = text.trim().replace(/z$/i, '');
  const gap = trimmed.search(/[T ]/);
  if (gap < 0) return parseTimeOfDay(trimmed);
  const date = parseDate(trimmed.slice(0, gap));
  const time = parseTimeOfDay(trimmed.slice(gap + 1).trim());
  return date === undefined || time === undefined ? undefined : date + time;
}

/** The unit in brackets at the end of a column's name, with the name without it. */
export function splitUnit(header: string): { name: string; unit: string } {
  const match = /^(.*)[([]([^()[\]]*)[)\]]$/s.exec(header.trim());
  if (!match) return { name: header.trim(), unit: '' };
  const [, name = '', unit = ''] = match;
  const known = knownUnit(unit) ?? (secondsPerUnit(unit) === undefined ? undefined : unit.trim());
  return known === undefined ? { name: header.trim(), unit: '' } : { name: name.trim(), unit: known };
}
