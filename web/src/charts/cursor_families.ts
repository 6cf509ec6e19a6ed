// Harmonic and sideband cursors: families of frequencies that move together.
import { amplitudeAt, maxHz, peakNear, type SpectrumValues } from './spectrum_model';

export interface HarmonicCursor {
  kind: 'harmonic';
  fundamentalHz: number;
  count: number;
}

export interface SidebandCursor {
  kind: 'sideband';
  carrierHz: number;
  spacingHz: number;
  /** On either side. */
  pairs: number;
}

export interface SingleCursor {
  kind: 'single';
  hz: number;
}

export type FrequencyCursor = SingleCursor | HarmonicCursor | SidebandCursor;

/** One line of a family: `rank` is the harmonic, or the sideband with its side; 0 is the carrier. */
export interface FamilyMember {
  rank: number;
  hz: number;
}

export const defaultHarmonics = 10;
export const defaultSidebandPairs = 4;

export function members(cursor: FrequencyCursor, limitHz: number): FamilyMember[] {
  switch (cursor.kind) {
    case 'single':
      return [{ rank: 1, hz: cursor.hz }];
    case 'harmonic':
      return sequence(1, cursor.count)
        .map((rank) => ({ rank, hz: rank * cursor.fundamentalHz }))
        .filter(({ hz }) => hz > 0 && hz <= limitHz);
    case 'sideband':
      return sequence(-cursor.pairs, cursor.pairs)
        .map((rank) => ({ rank, hz: cursor.carrierHz + rank * cursor.spacingHz }))
        .filter(({ hz }) => hz > 0 && hz <= limitHz);
  }
}

function sequence(first: number, last: number): number[] {
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => first + i);
}

/** The member nearest to `hz`. */
export function nearestMember(cursor: FrequencyCursor, hz: number, limitHz: number): FamilyMember | undefined {
  let best: FamilyMember | undefined;
  for (const member of members(cursor, limitHz)) {
    if (!best || Math.abs(member.hz - hz) < Math.abs(best.hz - hz)) best = member;
  }
  return best;
}

/**
 * The cursor after its member `rank` was taken to `hz`. Taking a high harmonic fixes the fundamental finely: an error of
 * one bin at the tenth harmonic is a tenth of a bin at the first. Taking a sideband moves the spacing, the carrier all.
 */
export function moved(cursor: FrequencyCursor, rank: number, hz: number): FrequencyCursor {
  switch (cursor.kind) {
    case 'single':
      return { ...cursor, hz };
    case 'harmonic':
      return { ...cursor, fundamentalHz: Math.max(hz / Math.max(rank, 1), 0) };
    case 'sideband':
      return rank === 0
        ? { ...cursor, carrierHz: hz }
        : { ...cursor, spacingHz: Math.abs(hz - cursor.carrierHz) / Math.abs(rank) };
  }
}

/** Where the arrow keys act: the cursor itself, the fundamental, the carrier. */
export function anchorHz(cursor: FrequencyCursor): number {
  switch (cursor.kind) {
    case 'single':
      return cursor.hz;
    case 'harmonic':
      return cursor.fundamentalHz;
    case 'sideband':
      return cursor.carrierHz;
  }
}

export interface FamilyReading extends FamilyMember {
  /** Of the highest value within the tolerance around the member. */
  amplitude: number;
  /** Where that value stands. */
  peakHz: number;
}

/** Amplitudes at the members: the peak within `toleranceHz`, as no family meets the bins exactly. */
export function readFamily(cursor: FrequencyCursor, spectrum: SpectrumValues, toleranceHz: number): FamilyReading[] {
  const limit = maxHz(spectrum);
  return members(cursor, limit)
    .filter(({ hz }) => hz >= spectrum.startHz)
    .map((member) => {
      if (cursor.kind === 'single') {
        return { ...member, peakHz: member.hz, amplitude: amplitudeAt(spectrum, member.hz) };
      }
      const peak = peakNear(spectrum, member.hz, toleranceHz);
      return { ...member, peakHz: peak.hz, amplitude: peak.amplitude };
    });
}

/** Fits the fundamental to the peaks near its harmonics, those that stand out weighing by amplitude times rank. */
export function refineHarmonics(cursor: HarmonicCursor, spectrum: SpectrumValues, toleranceHz: number): HarmonicCursor {
  let weights = 0;
  let sum = 0;
  let fundamental = cursor.fundamentalHz;
  for (let rank = 1; rank <= cursor.count; ++rank) {
    const hz = rank * fundamental;
    if (hz > maxHz(spectrum)) break;
    const peak = peakNear(spectrum, hz, toleranceHz);
    if (!(peak.amplitude > 0)) continue;
    const weight = peak.amplitude * rank;
    sum += (weight * peak.hz) / rank;
    weights += weight;
    fundamental = sum / weights;
  }
  return { ...cursor, fundamentalHz: fundamental };
}
