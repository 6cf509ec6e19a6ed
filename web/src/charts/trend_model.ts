// Series of different points and features side by side on one time axis.
import { float32Of, secondsOf } from '../api/octets';
import type { Series } from '../api/client';
import { unitFactor } from './units';
import type { Span } from './span';

export interface TrendLine {
  /** Of the point and series, "sites/…/points/de health". */
  key: string;
  label: string;
  /** As the API names it. */
  feature: string;
  source: string;
  /** Unit that is shown. */
  unit: string;
  /** Scale of the y axis: lines of one unit share it. */
  scale: string;
  times: Float64Array;
  values: Float32Array;
  /** Extremes of each value's bucket; empty where values are records. */
  min: Float32Array;
  max: Float32Array;
  colour: number;
  /** Of an earlier period that is laid over the present one: how far it was moved. */
  shiftS: number;
  recordCount: number;
  resolution: string;
}

export const isHealth = (feature: string): boolean => feature === 'health';

/** "H/kurtosis" without its channel. */
export const plainFeature = (feature: string): string => feature.slice(feature.indexOf('/') + 1);

export const scaleOf = (feature: string, unit: string): string => (isHealth(feature) ? 'health' : `unit ${unit}`);

/** A series of QueryTrend (with NUMBER_FORMAT_OCTETS) in the unit that is shown. */
export function trendLine(
  series: Series, form: { label: string; unit: string; colour: number; shiftS?: number },
): TrendLine {
  const factor = unitFactor(series.unit ?? '', form.unit);
  const shiftS = form.shiftS ?? 0;
  const times = secondsOf(series.timeOctets);
  const feature = series.name ?? '';
  return {
    key: `${series.source ?? ''} ${feature} ${shiftS}`,
    label: form.label,
    feature,
    source: series.source ?? '',
    unit: form.unit,
    scale: scaleOf(feature, form.unit),
    times: shiftS ? times.map((time) => time + shiftS) : times,
    values: scaled(series.valueOctets, factor),
    min: scaled(series.minOctets, factor),
    max: scaled(series.maxOctets, factor),
    colour: form.colour,
    shiftS,
    recordCount: Number(series.recordCount ?? 0),
    resolution: series.resolution ?? '',
  };
}

function scaled(octets: string | undefined, factor: number): Float32Array {
  const values = float32Of(octets);
  return factor === 1 ? values : values.map((value) => value * factor);
}

type Column = (number | null | undefined)[];

export interface AlignedLines {
  times: number[];
  /** For each line its values, then lowest and highest where it has them. */
  columns: { values: Column; min?: Column; max?: Column }[];
}

const gapRatio = 4;

/** Places at which a line is broken, as nothing was measured for much longer than between its other values. */
export function gapTimes(times: Float64Array, ratio = gapRatio): number[] {
  if (times.length < 3) return [];
  const steps = Float64Array.from({ length: times.length - 1 }, (_, i) => (times[i + 1] ?? 0) - (times[i] ?? 0));
  const usual = Float64Array.from(steps).sort()[steps.length >> 1] ?? 0;
  const gaps: number[] = [];
  for (let i = 0; i < steps.length; ++i) {
    const step = steps[i] ?? 0;
    if (usual > 0 && step > ratio * usual) gaps.push((times[i] ?? 0) + step / 2);
  }
  return gaps;
}

/**
 * All lines over all their times: undefined where a line has no value at another's time, so that it goes on; null in its
 * gaps and where a value is not known, so that it breaks.
 */
export function align(lines: readonly TrendLine[]): AlignedLines {
  const gaps = lines.map((line) => gapTimes(line.times));
  const all = new Set<number>();
  lines.forEach((line, i) => {
    for (const time of line.times) all.add(time);
    for (const time of gaps[i] ?? []) all.add(time);
  });
  const times = Float64Array.from(all).sort();
  const place = new Map<number, number>();
  times.forEach((time, i) => place.set(time, i));
  const columns = lines.map((line, i) => {
    const column = (values: Float32Array): Column => {
      const cells: Column = new Array<number | null | undefined>(times.length);
      line.times.forEach((time, k) => {
        const value = values[k];
        cells[place.get(time) ?? 0] = value !== undefined && Number.isFinite(value) ? value : null;
      });
      for (const time of gaps[i] ?? []) cells[place.get(time) ?? 0] = null;
      return cells;
    };
    const banded = line.min.length > 0;
    return { values: column(line.values), ...(banded ? { min: column(line.min), max: column(line.max) } : {}) };
  });
  return { times: Array.from(times), columns };
}

/** Index of the value nearest in time; undefined where the line is empty. */
export function nearestIndex(times: Float64Array, time: number): number | undefined {
  if (times.length === 0) return undefined;
  let low = 0;
  let high = times.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle;
    else high = middle;
  }
  return Math.abs((times[low] ?? 0) - time) <= Math.abs((times[high] ?? 0) - time) ? low : high;
}

export interface TrendReading {
  line: TrendLine;
  /** Of the value that is read, which stands nearest to the cursor. */
  time: number;
  value: number;
  min?: number;
  max?: number;
}

export function readLine(line: TrendLine, time: number): TrendReading | undefined {
  const index = nearestIndex(line.times, time);
  if (index === undefined) return undefined;
  return {
    line,
    time: line.times[index] ?? NaN,
    value: line.values[index] ?? NaN,
    min: line.min[index],
    max: line.max[index],
  };
}

/** From the first to the last value of all lines; undefined where there is none. */
export function extentOf(lines: readonly TrendLine[]): Span | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const { times } of lines) {
    low = Math.min(low, times[0] ?? Infinity);
    high = Math.max(high, times[times.length - 1] ?? -Infinity);
  }
  return high >= low ? [low, high] : undefined;
}

/** Lowest and highest value of the lines of a scale that lie in `view`. */
export function valueRange(lines: readonly TrendLine[], scale: string, view: Span): Span | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const line of lines) {
    if (line.scale !== scale) continue;
    const banded = line.min.length > 0;
    line.times.forEach((time, i) => {
      if (time < view[0] || time > view[1]) return;
      const lowest = (banded ? line.min[i] : line.values[i]) ?? NaN;
      const highest = (banded ? line.max[i] : line.values[i]) ?? NaN;
      if (lowest < low) low = lowest;
      if (highest > high) high = highest;
    });
  }
  return high >= low ? [low, high] : undefined;
}

/** The range of an axis: the values with some air, and limits that are near enough to be worth it. */
export function axisRange(values: Span | undefined, limits: readonly number[]): Span {
  if (!values) return limits.length > 0 ? [0, Math.max(...limits) * 1.1] : [0, 1];
  let [low, high] = values;
  const size = Math.max(Math.abs(high), Math.abs(low));
  const next = limits.filter((limit) => limit > high && limit <= high * 2.2 + 1e-12);
  if (next.length > 0) high = Math.min(...next);
  if (low >= 0 && low < 0.5 * high) low = 0;
  const air = high > low ? 0.06 * (high - low) : 0.05 * size || 1;
  return [low - air, high + air];
}
