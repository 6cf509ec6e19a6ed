import { describe, expect, it } from 'vitest';
import { alternatives, decibels, frequencyFactor, preferredUnit, prettyUnit, spectrumUnits, unitFactor } from '../../src/charts/units';

describe('units', () => {
  it('of one quantity turn into each other', () => {
    expect(unitFactor('g', 'm/s2')).toBeCloseTo(9.80665, 10);
    expect(unitFactor('in/s', 'mm/s')).toBeCloseTo(25.4, 10);
    expect(unitFactor('mil', 'um')).toBeCloseTo(25.4, 10);
    expect(unitFactor('m/s2', 'g') * unitFactor('g', 'm/s2')).toBeCloseTo(1, 12);
  });

  it('of two quantities are left alone, as are those nobody knows', () => {
    expect(unitFactor('m/s2', 'mm/s')).toBe(1);
    expect(unitFactor('furlong', 'mm/s')).toBe(1);
  });

  it('are offered within their quantity', () => {
    expect(alternatives('m/s2')).toEqual(['m/s2', 'g']);
    expect(alternatives('dB')).toEqual(['dB']);
    expect(spectrumUnits('A')).toEqual(['A']);
    expect(spectrumUnits('m/s2')).toContain('mm/s');
    expect(preferredUnit('m/s2', ['g', 'in/s'])).toBe('g');
    expect(preferredUnit('%', ['g', 'in/s'])).toBe('%');
  });

  it('of frequency follow the speed: 25 Hz at 1,500 rpm is the first order', () => {
    expect(25 * frequencyFactor('orders', 1500)).toBeCloseTo(1, 12);
    expect(25 * frequencyFactor('cpm')).toBe(1500);
    expect(frequencyFactor('orders')).toBe(1);
  });

  it('read as people write them', () => {
    expect(prettyUnit('m/s2')).toBe('m/s²');
    expect(decibels(10)).toBeCloseTo(20, 12);
    expect(decibels(0)).toBe(-200);
  });
});
