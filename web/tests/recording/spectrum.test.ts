import { describe, expect, test } from 'vitest';
import { amplitudeSpectrum, envelopeSpectrum, transform } from '../../src/recording/spectrum';

const rateHz = 8192;
const made = (count: number, at: (seconds: number) => number) => Float32Array.from({ length: count }, (_, i) => at(i / rateHz));
const highest = (values: Float32Array, from = 0) => values.indexOf(Math.max(...values.subarray(from)));

describe('spectra of a recording', () => {
  test('transform gives back what it took', () => {
    const re = Float64Array.from({ length: 64 }, (_, i) => Math.sin(i * i));
    const im = new Float64Array(64);
    const before = [...re];
    transform(re, im);
    transform(re, im, true);
    re.forEach((value, i) => expect(value / 64).toBeCloseTo(before[i]!, 12));
  });

  test('a sine has its amplitude at its frequency, whatever the offset and the missing samples', () => {
    const samples = made(8192, (s) => 5 + 3 * Math.sin(2 * Math.PI * 400 * s));
    samples[17] = Number.NaN;
    const { values, stepHz } = amplitudeSpectrum(samples, rateHz);
    expect(highest(values) * stepHz).toBe(400);
    expect(values[400]).toBeCloseTo(3, 2);
  });

  test('the envelope shows how often a high tone comes and goes, and nothing of a low one', () => {
    const samples = made(8192, (s) => 9 * Math.sin(2 * Math.PI * 30 * s) + (1 + 0.5 * Math.sin(2 * Math.PI * 107 * s)) * Math.sin(2 * Math.PI * 3000 * s));
    const { values, stepHz } = envelopeSpectrum(samples, rateHz);
    expect(highest(values, 5) * stepHz).toBe(107);
    expect(values[30]).toBeLessThan(0.01);
  });

  test('a recording of any length is cut to a power of two', () => {
    expect(amplitudeSpectrum(made(300, Math.sin), rateHz).values).toHaveLength(129);
    expect(amplitudeSpectrum(made(100_000, Math.sin), rateHz).values).toHaveLength(32769);
  });
});
