// Times of a plant's clock as moments, and back. Intl knows the zones; it only goes one way.

const parts = new Map<string, Intl.DateTimeFormat>();

function partsOf(timeZone: string): Intl.DateTimeFormat {
  let format = parts.get(timeZone);
  if (!format) {
    const options: Intl.DateTimeFormatOptions = {
      year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
    };
    try {
      format = new Intl.DateTimeFormat('en-CA', { ...options, timeZone });
    } catch {
      format = new Intl.DateTimeFormat('en-CA', { ...options, timeZone: 'UTC' });
    }
    parts.set(timeZone, format);
  }
  return format;
}

/** How far the plant's clock is ahead of UTC at a moment. */
export function offsetMs(momentMs: number, timeZone: string): number {
  const found: Record<string, number> = {};
  for (const { type, value } of partsOf(timeZone).formatToParts(momentMs)) found[type] = Number(value);
  const asUtc = Date.UTC(found.year!, found.month! - 1, found.day!, found.hour!, found.minute!, found.second!);
  return asUtc - Math.floor(momentMs / 1000) * 1000;
}

/** "2026-11-07T04:33", as an input of type datetime-local has it. */
export const toPlantClock = (momentMs: number, timeZone: string): string =>
  new Date(momentMs + offsetMs(momentMs, timeZone)).toISOString().slice(0, 16);

/** The moment at which the plant's clock shows this; NaN for what is no time. One that comes twice is the first. */
export function fromPlantClock(text: string, timeZone: string): number {
  const asUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asUtc)) return NaN;
  const before = asUtc - offsetMs(asUtc - 86_400_000, timeZone);
  const after = asUtc - offsetMs(asUtc + 86_400_000, timeZone);
  return [before, after].find((moment) => moment + offsetMs(moment, timeZone) === asUtc) ?? before;
}

/** Midnights of the plant in [fromMs, toMs], every so many days. */
export function midnights(fromMs: number, toMs: number, timeZone: string, everyDays = 1): number[] {
  const dayMs = 86_400_000;
  const first = Math.floor((fromMs + offsetMs(fromMs, timeZone)) / dayMs);
  const found: number[] = [];
  for (let day = first; ; ++day) {
    const asUtc = day * dayMs;
    const moment = asUtc - offsetMs(asUtc - offsetMs(asUtc, timeZone), timeZone);
    if (moment > toMs) return found;
    if (moment >= fromMs && day % everyDays === 0) found.push(moment);
  }
}
