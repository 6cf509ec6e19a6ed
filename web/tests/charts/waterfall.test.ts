import { describe, expect, it } from 'vitest';
import { colourAt, colourCount, colourTable, type Rgb } from '../../src/charts/colormap';
import {
  cellAt, fullView, gapsOf, halfHeight, halfWidth, indexImage, inOrders, panned, suggestedRange, zoomed, type WaterfallRows,
} from '../../src/charts/waterfall_data';

function rowsOf(spectra: number[][], speeds: number[] = [], step = 1): WaterfallRows {
  return {
    start: 0,
    step,
    bins: spectra[0]?.length ?? 0,
    times: Float64Array.from(spectra, (_, i) => 1000 * i),
    speedsRpm: Float32Array.from(spectra, (_, i) => speeds[i] ?? 0),
    values: Float32Array.from(spectra.flat()),
  };
}

const linear = (channel: number): number => (channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([red, green, blue]: Rgb): number => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);

/** Deuteranopia after Viénot, Brettel and Mollon 1999: red and green are seen as one. */
function deuteranope([red, green, blue]: Rgb): Rgb {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const yellow = 0.29275 * r + 0.70725 * g;
  return [yellow * 255, yellow * 255, (-0.02234 * r + 0.02234 * g + b) * 255];
}

describe('colours of the waterfall', () => {
  it('rise in lightness without a step back', () => {
    const steps = Array.from({ length: colourCount }, (_, i) => luminance(colourAt(i / (colourCount - 1))));
    // 8 bits a channel round by up to this.
    for (let i = 1; i < steps.length; ++i) expect(steps[i]! - steps[i - 1]!).toBeGreaterThan(-5e-4);
    expect(steps.at(-1)! - steps[0]!).toBeGreaterThan(0.7);
  });

  it('stay apart where red and green are seen as one', () => {
    const seen = Array.from({ length: 12 }, (_, i) => deuteranope(colourAt(i / 11)));
    for (let i = 1; i < seen.length; ++i) {
      const apart = Math.hypot(...seen[i]!.map((value, k) => value - seen[i - 1]![k]!));
      expect(apart).toBeGreaterThan(3);
    }
  });

  it('are opaque pixels', () => {
    expect([...colourTable()].every((pixel) => pixel >>> 24 === 255)).toBe(true);
    expect(colourAt(-1)).toEqual(colourAt(0));
    expect(colourAt(2)).toEqual(colourAt(1));
  });
});

describe('the picture of a waterfall', () => {
  it('has the newest row on top and levels within the range', () => {
    const image = indexImage(rowsOf([[1, 0.1], [0, 100]]), { floor: -20, top: 0 });
    expect([...image.indices]).toEqual([0, 255, 255, 0]);
  });

  it('keeps a narrow line when it shrinks', () => {
    const line = { columns: 5, rows: 2, indices: Uint8Array.from([0, 9, 0, 0, 7, 0, 0, 0, 3, 0]) };
    expect([...halfWidth(line).indices]).toEqual([9, 0, 7, 0, 3, 0]);
    expect([...halfHeight({ columns: 2, rows: 3, indices: Uint8Array.from([1, 0, 0, 5, 2, 2]) }).indices]).toEqual([1, 5, 2, 2]);
  });

  it('has a range from the noise to the highest line', () => {
    const noise = Array.from({ length: 200 }, (_, i) => 0.001 * (1 + (i % 7)));
    const range = suggestedRange(rowsOf([[...noise, 1]]));
    expect(range.top).toBe(0);
    expect(range.floor).toBeGreaterThan(-60);
    expect(range.floor).toBeLessThan(-40);
    expect(suggestedRange(rowsOf([[0, 0]]))).toEqual({ floor: -60, top: 0 });
  });
});

describe('orders', () => {
  it('put the line of a shaft that changes its speed into one column', () => {
    const slow = Array.from({ length: 101 }, (_, hz) => (hz === 20 ? 1 : 0));
    const fast = Array.from({ length: 101 }, (_, hz) => (hz === 25 ? 1 : 0));
    const rows = inOrders(rowsOf([slow, fast], [1200, 1500]));
    const columns = [0, 1].map((row) => rows.values.subarray(row * rows.bins, (row + 1) * rows.bins).indexOf(1) * rows.step + rows.start);
    expect(Math.abs(columns[0]! - 1)).toBeLessThan(0.06);
    expect(Math.abs(columns[1]! - 1)).toBeLessThan(0.06);
  });

  it('leave a row without speed empty, and all as it is where none has one', () => {
    const rows = rowsOf([[1, 1, 1], [1, 1, 1]], [600, 0]);
    expect([...inOrders(rows).values.subarray(3)]).toEqual([0, 0, 0]);
    const unknown = rowsOf([[1, 2, 3]]);
    expect(inOrders(unknown)).toBe(unknown);
  });
});

describe('looking around', () => {
  const rows = rowsOf(Array.from({ length: 50 }, () => new Array<number>(64).fill(1)));

  it('stays inside', () => {
    const near = zoomed(fullView(rows), rows, { axis: 0.25, rows: 0.5 }, { x: 0, y: 1 });
    expect(near).toEqual({ low: 0, high: 16, firstRow: 25, lastRow: 50 });
    expect(panned(near, rows, { x: -1, y: 1 })).toEqual(near);
    expect(panned(near, rows, { x: 10, y: -10 })).toEqual({ low: 48, high: 64, firstRow: 0, lastRow: 25 });
    expect(zoomed(near, rows, { axis: 100, rows: 100 }, { x: 0.5, y: 0.5 })).toEqual(fullView(rows));
  });

  it('finds the row and bin under the pointer, the newest on top', () => {
    expect(cellAt(rows, fullView(rows), 0.5, 0)).toMatchObject({ row: 49, bin: 32 });
    expect(cellAt(rows, fullView(rows), 0, 1)).toMatchObject({ row: 0, bin: 0 });
    expect(cellAt(rows, fullView(rows), -0.1, 0.5)).toBeUndefined();
  });

  it('sees where nothing was kept for long', () => {
    expect(gapsOf(Float64Array.from([0, 1, 2, 3, 20, 21]))).toEqual([4]);
    expect(gapsOf(Float64Array.from([5]))).toEqual([]);
  });
});
