import { describe, expect, it } from 'vitest';
import { groupOf } from '../../src/pages/point/feature_groups';
import { localText, secondsOfLocal } from '../../src/pages/point/local_time';
import { defaultPeriod, readAddress, writeAddress } from '../../src/pages/point/point_address';

const prefers = { axis: 'db', frequency: 'orders' } as const;
const usual = ['health', 'velocity_rms_mm_s'];
const read = (query: string) => readAddress(new URLSearchParams(query), prefers, usual);

function written(query: string): string {
  const fields = Object.entries(writeAddress(read(query), usual)).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(fields).toString();
}

describe('the address of a picture', () => {
  it('is short where nothing was chosen', () => {
    expect(written('')).toBe('');
  });

  it('comes back as it was', () => {
    const query =
      'tab=envelope&period=604800&series=health%2CV%2Fkurtosis&with=sites%2Fa%2Fassets%2Fb%2Fpoints%2Fd&compare=86400&a=1795000000&b=1795001000.5' +
      '&record=2026-11-22T13%3A34%3A23.499066Z&channel=V&unit=g&rms=1&axis=log&frequency=cpm&hz=10%7E250.5&cursor=s%3A516%7E24.6*4&lines=bpfi%2Cmesh&places=drive+end&harmonics=1';
    expect(readAddress(new URLSearchParams(written(query)), prefers, usual)).toEqual(read(query));
    expect(written(query)).toContain('record=2026-11-22T13%3A34%3A23.499066Z');
  });

  it('shows to everybody what its writer saw, whatever they prefer', () => {
    expect(written('tab=spectrum')).toContain('axis=db');
    expect(read('tab=spectrum&axis=linear').axis).toBe('linear');
  });

  it('survives nonsense', () => {
    const address = read('tab=nowhere&period=-5&view=9~3&a=x&axis=octal&cursor=zz&hz=NaN~1');
    expect(address).toMatchObject({ tab: 'trend', period: defaultPeriod, view: undefined, a: undefined, axis: 'db', cursor: undefined, hz: undefined });
  });

  it('can say that no lines are drawn', () => {
    expect(read('lines=none').families).toEqual([]);
    expect(written('lines=none')).toBe('lines=none');
  });
});

describe('the clock of the plant', () => {
  it('goes into a field and back, also around the change of summer time', () => {
    for (const zone of ['Europe/Berlin', 'Asia/Shanghai', 'America/New_York', 'UTC']) {
      for (const time of ['2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z', '2026-10-24T22:00:00Z', '2026-07-01T12:00:00Z']) {
        const seconds = Date.parse(time) / 1000;
        expect(secondsOfLocal(localText(seconds, zone), zone), `${zone} ${time}`).toBe(seconds);
      }
    }
    expect(localText(Date.parse('2026-01-01T23:30:00Z') / 1000, 'Europe/Berlin')).toBe('2026-01-02T00:30');
    expect(secondsOfLocal('', 'UTC')).toBeUndefined();
  });
});

describe('groups of features', () => {
  it('hold what people look for together', () => {
    expect(groupOf('velocity_rms_mm_s')).toBe('overall');
    expect(groupOf('H/kurtosis')).toBe('shape');
    expect(groupOf('order_1x_mm_s')).toBe('shaft');
    expect(groupOf('bpfi_existence')).toBe('bearing');
    expect(groupOf('band_20_50_db')).toBe('bands');
    expect(groupOf('gear_fm4')).toBe('gear');
    expect(groupOf('sideband_low_db')).toBe('current');
    expect(groupOf('oil_debris')).toBe('other');
  });
});
