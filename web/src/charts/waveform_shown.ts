// A record's samples as they are shown.
import type { GetWaveformResponse } from '../api/client';
import { float32Of } from '../api/octets';
import type { Span } from './span';
import { unitFactor } from './units';

export interface ShownWaveform {
  measuredAt: string;
  unit: string;
  /** Seconds between values. */
  step: number;
  /** Lowest and highest of each pixel; the same array where they are the samples themselves. */
  min: Float32Array;
  max: Float32Array;
}

/** An answer with NUMBER_FORMAT_OCTETS, in a unit of the same quantity. */
export function shownWaveform(answer: GetWaveformResponse, unit: string): ShownWaveform {
  const factor = unitFactor(answer.unit ?? '', unit);
  const scaled = (values: Float32Array): Float32Array => (factor === 1 ? values : values.map((value) => value * factor));
  const min = scaled(float32Of(answer.minOctets));
  const max = scaled(float32Of(answer.maxOctets));
  const samples = max.length !== min.length || min.every((value, i) => value === max[i]);
  return {
    measuredAt: answer.stored?.measuredAt ?? '',
    unit,
    step: answer.secondsPerValue ?? 1,
    min,
    max: samples ? min : max,
  };
}

export interface WaveformStatistics {
  peakToPeak: number;
  /** Without the mean; only of samples, as extremes do not tell it. */
  rms?: number;
}

/** Of the part that is shown. */
export function statisticsOf({ min, max, step }: ShownWaveform, view: Span): WaveformStatistics {
  const first = Math.max(Math.ceil(view[0] / step - 1e-6), 0);
  const last = Math.min(Math.floor(view[1] / step + 1e-6), min.length - 1);
  let [low, high, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (let i = first; i <= last; ++i) {
    low = Math.min(low, min[i] ?? Infinity);
    high = Math.max(high, max[i] ?? -Infinity);
    sum += min[i] ?? 0;
    squares += (min[i] ?? 0) ** 2;
  }
  const count = last - first + 1;
  if (count < 1) return { peakToPeak: NaN };
  const variance = squares / count - (sum / count) ** 2;
  return { peakToPeak: high - low, rms: max === min ? Math.sqrt(Math.max(variance, 0)) : undefined };
}
