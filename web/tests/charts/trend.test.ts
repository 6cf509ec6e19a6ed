import { describe, expect, it } from 'vitest';
import { grabPair, placePair, stepCursors } from '../../src/charts/cursor_pair';
import { align, axisRange, extentOf, gapTimes, nearestIndex, readLine, trendLine, valueRange, type TrendLine } from '../../src/charts/trend_model';

const base64 = (buffer: ArrayBufferLike): string => Buffer.from(buffer as ArrayBuffer).toString('base64');

function lineOf(times: number[], values: number[], banded = false): TrendLine {
  const octets = (list: number[]) => base64(Float32Array.from(list).buffer);
  return trendLine(
    {
      name: 'rms', unit: 'm/s2', source: 'sites/a/assets/b/points/c',
      timeOctets: base64(BigInt64Array.from(times, (time) => BigInt(Math.round(time * 1e6))).buffer),
      valueOctets: octets(values),
      ...(banded ? { minOctets: octets(values.map((value) => value - 1)), maxOctets: octets(values.map((value) => value + 1)) } : {}),
      recordCount: '7',
    },
    { label: 'RMS', unit: 'm/s2', colour: 0 },
  );
}

describe('a line of a trend', () => {
  it('is decoded, in the unit asked for, and moved where it is of an earlier period', () => {
    const series = { name: 'rms', unit: 'm/s2', timeOctets: base64(BigInt64Array.from([1_500_000n]).buffer), valueOctets: base64(Float32Array.from([9.80665]).buffer) };
    const line = trendLine(series, { label: '', unit: 'g', colour: 1, shiftS: 60 });
    expect([...line.times]).toEqual([61.5]);
    expect(line.values[0]).toBeCloseTo(1, 6);
    expect(line.recordCount).toBe(0);
  });

  it('breaks where nothing was measured for long', () => {
    expect(gapTimes(Float64Array.from([0, 10, 20, 30, 130, 140]))).toEqual([80]);
    expect(gapTimes(Float64Array.from([0, 10]))).toEqual([]);
  });

  it('reads its nearest value', () => {
    const line = lineOf([0, 10, 20], [1, 2, 3], true);
    expect(readLine(line, 14)).toMatchObject({ time: 10, value: 2, min: 1, max: 3 });
    expect(readLine(line, -5)?.value).toBe(1);
    expect(readLine(lineOf([], []), 0)).toBeUndefined();
    expect(nearestIndex(Float64Array.from([0, 10]), 5)).toBe(0);
  });
});

describe('lines side by side', () => {
  it('share one axis without breaking each other', () => {
    const { times, columns } = align([lineOf([0, 10, 20], [1, 2, 3]), lineOf([5, 10, 15], [7, 8, 9], true)]);
    expect(times).toEqual([0, 5, 10, 15, 20]);
    expect(columns[0]!.values).toEqual([1, undefined, 2, undefined, 3]);
    expect(columns[1]!.values).toEqual([undefined, 7, 8, 9, undefined]);
    expect(columns[1]!.min).toEqual([undefined, 6, 7, 8, undefined]);
  });

  it('break at their own gaps and at values that are not known', () => {
    const { times, columns } = align([lineOf([0, 1, 2, 3, 50, 51], [1, NaN, 3, 4, 5, 6])]);
    expect(times).toContain(26.5);
    expect(columns[0]!.values[times.indexOf(26.5)]).toBeNull();
    expect(columns[0]!.values[1]).toBeNull();
  });

  it('have an extent and a range', () => {
    const lines = [lineOf([0, 10], [1, 5]), lineOf([5, 30], [2, 9], true)];
    expect(extentOf(lines)).toEqual([0, 30]);
    expect(valueRange(lines, lines[0]!.scale, [0, 10])).toEqual([1, 5]);
    expect(valueRange(lines, lines[0]!.scale, [0, 30])).toEqual([1, 10]);
    expect(extentOf([])).toBeUndefined();
  });
});

describe('the range of an axis', () => {
  it('holds a limit that is near, not one that is far', () => {
    expect(axisRange([0.5, 1], [1.4])[1]).toBeGreaterThan(1.4);
    expect(axisRange([0.5, 1], [7.1])[1]).toBeLessThan(1.2);
  });

  it('is never empty', () => {
    for (const [low, high] of [axisRange([2, 2], []), axisRange([0, 0], []), axisRange(undefined, [])]) expect(high).toBeGreaterThan(low);
  });
});

describe('two cursors', () => {
  const times = Float64Array.from({ length: 21 }, (_, i) => i * 10);
  const key = (name: string, shiftKey = false) => ({ key: name, shiftKey });

  it('are moved by keys from value to value, and stay inside', () => {
    const placed = stepCursors({ active: 0 }, key('a'), times, [0, 200])!;
    expect(placed.a).toBe(100);
    expect(stepCursors(placed, key('ArrowRight'), times, [0, 200])?.a).toBe(110);
    expect(stepCursors(placed, key('ArrowLeft', true), times, [0, 200])?.a).toBe(0);
    expect(stepCursors(placed, key('End'), times, [0, 200])?.a).toBe(200);
  });

  it('are placed by clicks, first A, then B, then the one that was moved last', () => {
    const first = placePair({ active: 0 }, 10);
    const second = placePair(first, 20);
    expect(second).toEqual({ a: 10, b: 20, active: 1 });
    expect(placePair(second, 30)).toEqual({ a: 10, b: 30, active: 1 });
    expect(grabPair(second, 11, 2)).toBe(0);
    expect(grabPair(second, 15, 2)).toBeUndefined();
  });

  it('leave other keys alone', () => {
    expect(stepCursors({ active: 0 }, key('Escape'), times, [0, 1])).toBeUndefined();
    expect(stepCursors({ active: 0, a: 1 }, key('Escape'), times, [0, 1])).toEqual({ active: 0 });
    expect(stepCursors({ active: 0 }, key('x'), times, [0, 1])).toBeUndefined();
  });
});
