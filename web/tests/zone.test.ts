import { describe, expect, it } from 'vitest';
import { fromPlantClock, midnights, offsetMs, toPlantClock } from '../src/format/zone';

const hourMs = 3_600_000;

describe('the clock of a plant', () => {
  it('is ahead of UTC by its zone and season', () => {
    expect(offsetMs(Date.parse('2026-01-15T12:00:00Z'), 'Europe/Berlin')).toBe(hourMs);
    expect(offsetMs(Date.parse('2026-07-15T12:00:00Z'), 'Europe/Berlin')).toBe(2 * hourMs);
    expect(offsetMs(Date.parse('2026-07-15T12:00:00.250Z'), 'Asia/Kolkata')).toBe(5.5 * hourMs);
    expect(offsetMs(0, 'No/Such_Zone')).toBe(0);
  });

  it('goes to a moment and back', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Shanghai', 'Pacific/Chatham']) {
      for (const clock of ['2026-01-01T00:00', '2026-03-29T03:30', '2026-07-01T23:59', '2026-10-25T01:30']) {
        expect(toPlantClock(fromPlantClock(clock, zone), zone), `${clock} ${zone}`).toBe(clock);
      }
    }
  });

  it('takes the first of an hour that comes twice, and goes past one that is skipped', () => {
    expect(new Date(fromPlantClock('2026-10-25T02:30', 'Europe/Berlin')).toISOString()).toBe('2026-10-25T00:30:00.000Z');
    const skipped = fromPlantClock('2026-03-29T02:30', 'Europe/Berlin');
    expect(toPlantClock(skipped, 'Europe/Berlin')).toBe('2026-03-29T03:30');
    expect(fromPlantClock('', 'UTC')).toBeNaN();
  });

  it('has its midnights where its days begin, also on the days the clocks change', () => {
    const from = Date.parse('2026-03-27T12:00:00Z');
    const found = midnights(from, from + 4 * 24 * hourMs, 'Europe/Berlin').map((ms) => new Date(ms).toISOString());
    expect(found).toEqual(['2026-03-27T23:00:00.000Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', '2026-03-30T22:00:00.000Z']);
  });
});
