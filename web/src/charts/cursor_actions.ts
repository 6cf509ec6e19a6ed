// What mouse and keys do to the cursor of a spectrum.
import {
  anchorHz, defaultHarmonics, defaultSidebandPairs, moved, nearestMember, refineHarmonics, type FrequencyCursor,
} from './cursor_families';
import { maxHz, nextPeak, peakNear, type SpectrumValues } from './spectrum_model';

export type CursorKind = FrequencyCursor['kind'];

export interface CursorSurroundings {
  spectrum: SpectrumValues;
  /** Of the shaft, where it is known: the spacing that sidebands begin with. */
  shaftHz?: number;
  /** What a few pixels are: peaks within it are meant. */
  reachHz: number;
}

/** A cursor of another kind at the same place. */
export function asKind(kind: CursorKind, hz: number, { shaftHz, spectrum }: CursorSurroundings): FrequencyCursor {
  if (kind === 'harmonic') return { kind, fundamentalHz: hz, count: defaultHarmonics };
  if (kind === 'sideband') {
    return { kind, carrierHz: hz, spacingHz: shaftHz ?? 20 * spectrum.stepHz, pairs: defaultSidebandPairs };
  }
  return { kind, hz };
}

/** A click at `hz`: on the highest peak within reach, or exactly there. */
export function placed(
  kind: CursorKind, current: FrequencyCursor | undefined, hz: number, exact: boolean, around: CursorSurroundings,
): FrequencyCursor {
  const at = exact ? hz : peakNear(around.spectrum, hz, around.reachHz).hz;
  if (current?.kind !== kind) return asKind(kind, at, around);
  return moved(current, current.kind === 'sideband' ? 0 : 1, at);
}

/** The member within `tolerance` of `hz`, as what a drag moves. */
export function grabbed(cursor: FrequencyCursor, hz: number, tolerance: number, limitHz: number): number | undefined {
  const member = nearestMember(cursor, hz, limitHz);
  return member && Math.abs(member.hz - hz) <= tolerance ? member.rank : undefined;
}

interface Key {
  key: string;
  shiftKey: boolean;
}

/** The cursor after a key; null removes it, undefined is none of its keys. */
export function afterKey(
  event: Key, cursor: FrequencyCursor | undefined, view: readonly [number, number], around: CursorSurroundings,
): FrequencyCursor | null | undefined {
  const { spectrum } = around;
  const here = cursor ? anchorHz(cursor) : (view[0] + view[1]) / 2;
  const kinds: Readonly<Record<string, CursorKind>> = { s: 'single', h: 'harmonic', b: 'sideband' };
  const kind = kinds[event.key.toLowerCase()];
  if (kind) return asKind(kind, here, around);
  if (event.key === 'Escape') return cursor ? null : undefined;
  if (event.key === 'PageUp' || event.key === 'PageDown') {
    const peak = nextPeak(spectrum, here, event.key === 'PageUp');
    return peak ? toAnchor(cursor, peak.hz) : cursor;
  }
  if (event.key.toLowerCase() === 'f' && cursor?.kind === 'harmonic') return refineHarmonics(cursor, spectrum, around.reachHz);
  const steps = event.shiftKey ? 10 : 1;
  if (cursor?.kind === 'sideband' && (event.key === '[' || event.key === ']')) {
    const change = (event.key === ']' ? steps : -steps) * spectrum.stepHz;
    return { ...cursor, spacingHz: Math.max(cursor.spacingHz + change, spectrum.stepHz) };
  }
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return undefined;
  const to = here + (event.key === 'ArrowRight' ? steps : -steps) * spectrum.stepHz;
  return toAnchor(cursor, Math.min(Math.max(to, spectrum.startHz), maxHz(spectrum)));
}

function toAnchor(cursor: FrequencyCursor | undefined, hz: number): FrequencyCursor {
  if (!cursor) return { kind: 'single', hz };
  return moved(cursor, cursor.kind === 'sideband' ? 0 : 1, hz);
}
