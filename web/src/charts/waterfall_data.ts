// A waterfall of spectra: rows of amplitudes over an even axis, and what the picture of it needs.
import { colourCount } from './colormap';
import { shiftSpan, zoomSpan } from './span';

export interface WaterfallRows {
  /** Of bin 0 and between bins, in Hz or orders. */
  start: number;
  step: number;
  bins: number;
  /** Seconds since 1970, oldest first; one for each row. */
  times: Float64Array;
  /** 0 where the speed is not known. */
  speedsRpm: Float32Array;
  /** Row after row. */
  values: Float32Array;
}

/** What of it is shown: a part of the axis and of the rows, the latter counted from the oldest. */
export interface WaterfallView {
  low: number;
  high: number;
  firstRow: number;
  lastRow: number;
}

export interface DecibelRange {
  floor: number;
  top: number;
}

export function rowCount(rows: WaterfallRows): number {
  return rows.times.length;
}

export function fullView(rows: WaterfallRows): WaterfallView {
  return { low: rows.start, high: rows.start + rows.bins * rows.step, firstRow: 0, lastRow: rowCount(rows) };
}

const narrowestBins = 16;
const fewestRows = 4;

/** Zoomed by factors about a place given as shares of the view, and held inside the rows. */
export function zoomed(
  view: WaterfallView, rows: WaterfallRows, factor: { axis: number; rows: number }, about: { x: number; y: number },
): WaterfallView {
  const full = fullView(rows);
  const axis = zoomSpan([view.low, view.high], factor.axis, about.x, [full.low, full.high], narrowestBins * rows.step);
  const span = zoomSpan([view.firstRow, view.lastRow], factor.rows, about.y, [0, full.lastRow], fewestRows);
  return { low: axis[0], high: axis[1], firstRow: span[0], lastRow: span[1] };
}

/** Moved by shares of the view, and held inside the rows. */
export function panned(view: WaterfallView, rows: WaterfallRows, by: { x: number; y: number }): WaterfallView {
  const full = fullView(rows);
  const axis = shiftSpan([view.low, view.high], by.x, [full.low, full.high]);
  const span = shiftSpan([view.firstRow, view.lastRow], by.y, [0, full.lastRow]);
  return { low: axis[0], high: axis[1], firstRow: span[0], lastRow: span[1] };
}

/** From the level of the noise to the highest line, so that the lines stand out. */
export function suggestedRange(rows: WaterfallRows): DecibelRange {
  const stride = Math.max(1, Math.floor(rows.values.length / 20000));
  const sample: number[] = [];
  let highest = 0;
  for (const value of rows.values) if (value > highest) highest = value;
  for (let i = 0; i < rows.values.length; i += stride) {
    const value = rows.values[i] ?? 0;
    if (value > 0) sample.push(value);
  }
  if (!(highest > 0) || sample.length === 0) return { floor: -60, top: 0 };
  sample.sort((a, b) => a - b);
  const top = Math.ceil(20 * Math.log10(highest));
  const quiet = Math.floor(20 * Math.log10(sample[Math.floor(sample.length * 0.35)] ?? highest));
  return { floor: Math.min(Math.max(quiet, top - 100), top - 20), top };
}

/** Colour indices as a picture, row after row. */
export interface IndexImage {
  columns: number;
  rows: number;
  indices: Uint8Array;
}

/** Colour index of each value in the range, the newest row first as it stands on the screen. */
export function indexImage(rows: WaterfallRows, range: DecibelRange): IndexImage {
  const scale = (colourCount - 1) / Math.max(range.top - range.floor, 1e-6);
  const { bins, values } = rows;
  const count = rowCount(rows);
  const indices = new Uint8Array(bins * count);
  for (let row = 0; row < count; ++row) {
    const target = (count - 1 - row) * bins;
    for (let bin = 0; bin < bins; ++bin) {
      const value = values[row * bins + bin] ?? 0;
      if (!(value > 0)) continue;
      const index = (20 * Math.log10(value) - range.floor) * scale;
      indices[target + bin] = index <= 0 ? 0 : index >= colourCount - 1 ? colourCount - 1 : index;
    }
  }
  return { columns: bins, rows: count, indices };
}

/** Half as many columns, each the higher of two: a narrow line stays when the picture shrinks. */
export function halfWidth({ columns, rows, indices }: IndexImage): IndexImage {
  const half = Math.ceil(columns / 2);
  const pooled = new Uint8Array(half * rows);
  for (let row = 0; row < rows; ++row) {
    const from = row * columns;
    for (let column = 0; column < half; ++column) {
      const left = indices[from + 2 * column] ?? 0;
      const right = 2 * column + 1 < columns ? (indices[from + 2 * column + 1] ?? 0) : 0;
      pooled[row * half + column] = left > right ? left : right;
    }
  }
  return { columns: half, rows, indices: pooled };
}

/** Half as many rows, each the higher of two. */
export function halfHeight({ columns, rows, indices }: IndexImage): IndexImage {
  const half = Math.ceil(rows / 2);
  const pooled = new Uint8Array(columns * half);
  for (let row = 0; row < half; ++row) {
    const upper = 2 * row * columns;
    const lower = 2 * row + 1 < rows ? upper + columns : upper;
    for (let column = 0; column < columns; ++column) {
      const [a, b] = [indices[upper + column] ?? 0, indices[lower + column] ?? 0];
      pooled[row * columns + column] = a > b ? a : b;
    }
  }
  return { columns, rows: half, indices: pooled };
}

/** Rows that no speed is known of are left empty: an order of them is not known either. */
export function inOrders(rows: WaterfallRows): WaterfallRows {
  const speeds = [...rows.speedsRpm].filter((rpm) => rpm > 0);
  if (speeds.length === 0) return rows;
  const slowest = Math.min(...speeds) / 60;
  const fastest = Math.max(...speeds) / 60;
  const top = (rows.start + (rows.bins - 1) * rows.step) / slowest;
  const start = rows.start / fastest;
  const step = (top - start) / Math.max(rows.bins - 1, 1);
  const values = new Float32Array(rows.values.length);
  for (let row = 0; row < rowCount(rows); ++row) {
    const shaftHz = (rows.speedsRpm[row] ?? 0) / 60;
    if (shaftHz > 0) stretchRow(rows, row, shaftHz, { start, step, values });
  }
  return { ...rows, start, step, values };
}

function stretchRow(
  rows: WaterfallRows, row: number, shaftHz: number, target: { start: number; step: number; values: Float32Array },
): void {
  const offset = row * rows.bins;
  for (let bin = 0; bin < rows.bins; ++bin) {
    const low = ((target.start + (bin - 0.5) * target.step) * shaftHz - rows.start) / rows.step;
    const high = ((target.start + (bin + 0.5) * target.step) * shaftHz - rows.start) / rows.step;
    const first = Math.max(Math.round(low), 0);
    const last = Math.min(Math.max(Math.round(high) - 1, first), rows.bins - 1);
    let highest = 0;
    for (let i = first; i <= last; ++i) highest = Math.max(highest, rows.values[offset + i] ?? 0);
    target.values[offset + bin] = highest;
  }
}

export interface WaterfallCell {
  row: number;
  bin: number;
  axis: number;
  value: number;
}

/** What stands at a place given as shares of the view, from the left and from the top; the newest row is on top. */
export function cellAt(rows: WaterfallRows, view: WaterfallView, x: number, y: number): WaterfallCell | undefined {
  if (x < 0 || x > 1 || y < 0 || y > 1 || rowCount(rows) === 0) return undefined;
  const axis = view.low + x * (view.high - view.low);
  const row = Math.min(Math.max(Math.floor(view.lastRow - y * (view.lastRow - view.firstRow)), 0), rowCount(rows) - 1);
  const bin = Math.min(Math.max(Math.round((axis - rows.start) / rows.step), 0), rows.bins - 1);
  return { row, bin, axis, value: rows.values[row * rows.bins + bin] ?? NaN };
}

/** Rows before which nothing was kept for much longer than usual. */
export function gapsOf(times: Float64Array, ratio = 3): number[] {
  const steps = Array.from(times.subarray(1), (time, i) => time - (times[i] ?? time));
  const usual = [...steps].sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  return steps.flatMap((step, i) => (usual > 0 && step > ratio * usual ? [i + 1] : []));
}
