import { describe, expect, it } from 'vitest';
import { fitSpan, sameSpan, shiftSpan, zoomSpan } from '../../src/charts/span';

describe('a shown span', () => {
  it('keeps the place it is zoomed about', () => {
    const [low, high] = zoomSpan([0, 100], 0.5, 0.2, [0, 100], 1);
    expect([low, high]).toEqual([10, 60]);
    expect(low + 0.2 * (high - low)).toBe(20);
  });

  it('never leaves the limits', () => {
    expect(zoomSpan([10, 60], 10, 0.5, [0, 100], 1)).toEqual([0, 100]);
    expect(shiftSpan([80, 100], 0.5, [0, 100])).toEqual([80, 100]);
    expect(shiftSpan([80, 100], -10, [0, 100])).toEqual([0, 20]);
  });

  it('never becomes narrower than what is worth seeing', () => {
    const [low, high] = zoomSpan([10, 60], 1e-9, 0.5, [0, 100], 4);
    expect(high - low).toBeCloseTo(4, 10);
    expect(zoomSpan([0, 1], 0.5, 0.5, [0, 1], 4)).toEqual([0, 1]);
  });

  it('from an address is put in order and inside', () => {
    expect(fitSpan([60, 10], [0, 50], 1)).toEqual([0, 50]);
    expect(fitSpan([30, 30], [0, 50], 2)[1] - fitSpan([30, 30], [0, 50], 2)[0]).toBe(2);
  });

  it('is the same up to rounding', () => {
    expect(sameSpan([0, 1e9], [0, 1e9 + 1e-6])).toBe(true);
    expect(sameSpan([0, 10], [0, 11])).toBe(false);
  });
});
