// The cursor of a spectrum as it stands in an address.
import { defaultHarmonics, defaultSidebandPairs, type FrequencyCursor } from './cursor_families';

const text = (value: number): string => String(Number(value.toPrecision(12)));

/** "1:129.5", "h:25.1*10", "s:516~24.6*4" */
export function cursorText(cursor: FrequencyCursor | undefined): string | undefined {
  if (!cursor) return undefined;
  if (cursor.kind === 'single') return `1:${text(cursor.hz)}`;
  if (cursor.kind === 'harmonic') return `h:${text(cursor.fundamentalHz)}*${cursor.count}`;
  return `s:${text(cursor.carrierHz)}~${text(cursor.spacingHz)}*${cursor.pairs}`;
}

export function cursorOf(value: string | null): FrequencyCursor | undefined {
  const match = /^([1hs]):([\d.]+)(?:~([\d.]+))?(?:\*(\d+))?$/.exec(value ?? '');
  if (!match) return undefined;
  const hz = Number(match[2]);
  if (!(hz >= 0)) return undefined;
  const count = Math.min(Number(match[4] ?? 0), 40);
  if (match[1] === '1') return { kind: 'single', hz };
  if (match[1] === 'h') return { kind: 'harmonic', fundamentalHz: hz, count: count || defaultHarmonics };
  return { kind: 'sideband', carrierHz: hz, spacingHz: Number(match[3] ?? 0), pairs: count || defaultSidebandPairs };
}
