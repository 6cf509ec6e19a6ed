import { describe, expect, it } from 'vitest';
import { formatFrequency, formatSigned, formatTick, formatValue, niceTicks } from '../../src/charts/numbers';

describe('numbers', () => {
  it('have four digits that count', () => {
    expect(formatValue(0.0123456)).toBe('0.01235');
    expect(formatValue(12345.6)).toBe('12346');
    expect(formatValue(-1.5)).toBe('−1.500');
    expect(formatValue(0)).toBe('0');
  });

  it('of very large and very small size have a power of ten', () => {
    expect(formatValue(1.2345e-7)).toBe('1.23·10⁻⁷');
    expect(formatValue(2.5e9)).toBe('2.50·10⁹');
  });

  it('that are not known are a dash', () => {
    expect([NaN, Infinity, undefined, null].map((value) => formatValue(value))).toEqual(['–', '–', '–', '–']);
  });

  it('of differences carry their sign', () => {
    expect(formatSigned(2)).toBe('+2.000');
    expect(formatSigned(-2)).toBe('−2.000');
  });

  it('of frequency have the digits of the resolution', () => {
    expect(formatFrequency(129.54321, 0.78)).toBe('129.54');
    expect(formatFrequency(129.54321, 10)).toBe('130');
  });
});

describe('ticks', () => {
  it('are round and inside', () => {
    expect(niceTicks(0, 1000, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(niceTicks(0.13, 0.42, 3)).toEqual([0.2, 0.3, 0.4]);
    expect(niceTicks(-1, 1, 4)).toEqual([-1, -0.5, 0, 0.5, 1]);
  });

  it('of an empty span are none', () => {
    expect(niceTicks(5, 5, 4)).toEqual([]);
    expect(niceTicks(NaN, 1, 4)).toEqual([]);
  });

  it('are written with the decimals of their step', () => {
    expect([0, 2.5, 5].map((tick) => formatTick(tick, 2.5))).toEqual(['0.0', '2.5', '5.0']);
    expect(formatTick(0.05, 0.05)).toBe('0.05');
    expect(formatTick(-200, 100)).toBe('−200');
  });
});
