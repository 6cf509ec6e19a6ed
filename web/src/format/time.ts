import { language } from '../i18n/index.svelte';
import { t } from '../i18n/words';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
  const key = `${language.locale} ${timeZone} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    try {
      format = new Intl.DateTimeFormat(language.locale, { ...options, timeZone, hourCycle: 'h23' });
    } catch {
      format = new Intl.DateTimeFormat(language.locale, { ...options, timeZone: 'UTC', hourCycle: 'h23' });
    }
    formats.set(key, format);
  }
  return format;
}

type Moment = string | number | Date | undefined;

/** All of these take the time zone of the plant, never the reader's. Nothing gives "". */
function format(moment: Moment, options: Intl.DateTimeFormatOptions, timeZone: string): string {
  return moment === undefined || moment === '' ? '' : formatOf(options, timeZone).format(new Date(moment));
}

/** "7 Nov 2026, 04:33" */
export const dateTime = (moment: Moment, timeZone: string): string =>
  format(moment, { dateStyle: 'medium', timeStyle: 'short' }, timeZone);

/** With seconds. */
export const preciseTime = (moment: Moment, timeZone: string): string =>
  format(moment, { dateStyle: 'medium', timeStyle: 'medium' }, timeZone);

/** "7 Nov 2026" */
export const day = (moment: Moment, timeZone: string): string => format(moment, { dateStyle: 'medium' }, timeZone);

/** "7 Nov" */
export const shortDay = (moment: Moment, timeZone: string): string =>
  format(moment, { day: 'numeric', month: 'short' }, timeZone);

/** "04:33" */
export const clock = (moment: Moment, timeZone: string): string =>
  format(moment, { hour: '2-digit', minute: '2-digit' }, timeZone);

const minuteS = 60;
const hourS = 3600;
const dayS = 86_400;

/** "5 min", "3 h", "12 days", "4 months": one unit, as people say it. */
export function duration(seconds: number): string {
  const span = Math.abs(seconds);
  if (span < hourS) return t.count('duration_minutes', Math.max(1, Math.round(span / minuteS)));
  if (span < 2 * dayS) return t.count('duration_hours', Math.round(span / hourS));
  if (span < 90 * dayS) return t.count('duration_days', Math.round(span / dayS));
  return t.count('duration_months', Math.round(span / (30.44 * dayS)));
}

/** "3 days ago", "in 2 h", "now". */
export function relative(moment: Moment, nowMs: number = Date.now()): string {
  if (moment === undefined || moment === '') return '';
  const seconds = (nowMs - new Date(moment).getTime()) / 1000;
  if (Math.abs(seconds) < minuteS) return t('now');
  return t(seconds > 0 ? 'ago' : 'in_time', { time: duration(seconds) });
}
