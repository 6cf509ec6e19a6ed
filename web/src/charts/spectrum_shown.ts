// A spectrum as it is shown: its values decoded, on the axis that people chose.
import type { Spectrum } from '../api/client';
import { float32Of } from '../api/octets';
import { namedLines, type NamedLine } from './machine_lines';
import type { SpectrumValues } from './spectrum_model';
import { decibels } from './units';

export type AmplitudeAxis = 'linear' | 'log' | 'db';

export interface ShownPeak {
  hz: number;
  amplitude: number;
  orders?: number;
  /** Name of the machine's line as the server has it; empty where it stands on none. */
  line: string;
}

export interface ShownSpectrum extends SpectrumValues {
  measuredAt: string;
  channel: string;
  unit: string;
  /** Resolution of the record; the step may be a multiple. */
  binHz: number;
  speedRpm?: number;
  bandHz?: readonly [low: number, high: number];
  lines: readonly NamedLine[];
  /** By falling amplitude. */
  peaks: readonly ShownPeak[];
}

/** An answer with NUMBER_FORMAT_OCTETS. */
export function shownSpectrum(spectrum: Spectrum): ShownSpectrum {
  const { bandLowHz = 0, bandHighHz = 0, stepHz = 1 } = spectrum;
  return {
    startHz: spectrum.startHz ?? 0,
    stepHz,
    values: float32Of(spectrum.octets),
    measuredAt: spectrum.measuredAt ?? '',
    channel: spectrum.channel ?? '',
    unit: spectrum.unit ?? '',
    binHz: spectrum.binHz ?? stepHz,
    speedRpm: spectrum.speedRpm,
    bandHz: bandHighHz > 0 ? [bandLowHz, bandHighHz] : undefined,
    lines: namedLines((spectrum.lines ?? []).map(({ name = '', hz = 0, orders }) => ({ name, hz, orders }))),
    peaks: (spectrum.peaks ?? []).map(({ hz = 0, amplitude = 0, orders, line = '' }) => ({ hz, amplitude, orders, line })),
  };
}

/** Value on the axis; null where a logarithm has none. */
export function onAxis(value: number, axis: AmplitudeAxis): number | null {
  if (axis === 'linear') return value;
  if (!(value > 0)) return null;
  return axis === 'db' ? decibels(value) : value;
}

const decades = 6;
const shownDb = 120;
/** Share of the range that is left free above, for the names of lines and peaks. */
const headroom = 0.28;

/** Range of the axis for values between `lowest` (above 0) and `highest`. */
export function amplitudeRange(axis: AmplitudeAxis, lowest: number, highest: number): [number, number] {
  if (!(highest > 0)) return axis === 'db' ? [-100, 0] : axis === 'log' ? [1e-6, 1] : [0, 1];
  if (axis === 'linear') return [0, highest * (1 + headroom)];
  const floor = Math.max(lowest, highest * 10 ** -decades);
  if (axis === 'log') return [floor / 1.5, highest * (highest / floor) ** headroom];
  const top = decibels(highest);
  const bottom = Math.max(decibels(floor), top - shownDb) - 3;
  return [bottom, top + headroom * (top - bottom)];
}

/** Lowest value above 0 and highest value within [low, high] Hz. */
export function amplitudeExtent(spectra: readonly SpectrumValues[], low: number, high: number): [number, number] {
  let [lowest, highest] = [Infinity, 0];
  for (const { startHz, stepHz, values } of spectra) {
    const first = Math.max(Math.floor((low - startHz) / stepHz), 0);
    const last = Math.min(Math.ceil((high - startHz) / stepHz), values.length - 1);
    for (let i = first; i <= last; ++i) {
      const value = values[i] ?? 0;
      if (value > highest) highest = value;
      if (value > 0 && value < lowest) lowest = value;
    }
  }
  return [lowest, highest];
}
