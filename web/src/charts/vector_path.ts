// Lines as SVG paths, for pictures that are printed and need no cursor.
import { formatTick, niceTicks } from './numbers';

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

export const xOf = (frame: Frame, [low, high]: readonly [number, number], value: number): number =>
  frame.left + ((value - low) / (high - low)) * frame.width;

export const yOf = (frame: Frame, [low, high]: readonly [number, number], value: number): number =>
  frame.top + frame.height - ((value - low) / (high - low)) * frame.height;

/** Round numbers of an axis with where they stand. */
export function ticksOf(low: number, high: number, count: number, at: (value: number) => number): { at: number; text: string }[] {
  const ticks = niceTicks(low, high, count);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  return ticks.map((tick) => ({ at: at(tick), text: formatTick(tick, step) }));
}

const place = (value: number): string => value.toFixed(1);

/** The highest value of each column of pixels, so that no line of a spectrum is lost. */
export function spectrumPath(
  frame: Frame, values: Float32Array, hzOf: (index: number) => number, range: readonly [number, number], top: number,
): string {
  const columns = new Map<number, number>();
  for (let i = 0; i < values.length; ++i) {
    const hz = hzOf(i);
    if (hz < range[0] || hz > range[1]) continue;
    const column = Math.round(xOf(frame, range, hz) * 2);
    columns.set(column, Math.max(columns.get(column) ?? 0, values[i] ?? 0));
  }
  return [...columns].map(([column, value], i) => `${i === 0 ? 'M' : 'L'}${place(column / 2)} ${place(yOf(frame, [0, top], value))}`).join('');
}

/** A line over time, broken where values are not known or `gapS` lies between them. */
export function trendPath(
  frame: Frame, times: Float64Array, values: Float32Array, period: readonly [number, number], range: readonly [number, number], gapS: number,
): string {
  let path = '';
  let before = -Infinity;
  times.forEach((time, i) => {
    const value = values[i] ?? NaN;
    if (!Number.isFinite(value) || time < period[0] || time > period[1]) return;
    path += `${time - before > gapS ? 'M' : 'L'}${place(xOf(frame, period, time))} ${place(yOf(frame, range, value))}`;
    before = time;
  });
  return path;
}

/** The area between lowest and highest. */
export function bandPath(
  frame: Frame, times: Float64Array, min: Float32Array, max: Float32Array, period: readonly [number, number], range: readonly [number, number],
): string {
  if (min.length === 0) return '';
  const at = (i: number, values: Float32Array): string => `${place(xOf(frame, period, times[i] ?? 0))} ${place(yOf(frame, range, values[i] ?? 0))}`;
  const indices = Array.from(times.keys()).filter((i) => Number.isFinite(min[i] ?? NaN) && (times[i] ?? 0) >= period[0] && (times[i] ?? 0) <= period[1]);
  if (indices.length < 2) return '';
  return `M${indices.map((i) => at(i, max)).join('L')}L${indices.reverse().map((i) => at(i, min)).join('L')}Z`;
}
