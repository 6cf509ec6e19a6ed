// Names of the machine's lines in the reader's language: "2×BPFO drive end".
import { parseLineName, type NamedLine, type Sideband } from './machine_lines';
import { t } from './texts';

/** `withPlace` where several bearings or gears have such a line. */
export function lineLabel(name: string, withPlace = true): string {
  const { family, place, harmonic } = parseLineName(name);
  const base = family === 'shaft' ? name.replace(/^\d+ x /, '').replace('x', '×') : t(`line_${family}`, { place, name });
  const placed = withPlace && place && family !== 'other' ? `${base} ${place}` : base;
  if (harmonic === 1) return placed;
  return family === 'bsf' ? `${harmonic}×(${placed})` : `${harmonic}×${placed}`;
}

/** Whether names need the place to be told apart. */
export function needsPlace(lines: readonly NamedLine[]): boolean {
  const placeOf = new Map<string, string>();
  return lines.some((line) => {
    const known = placeOf.get(line.family);
    placeOf.set(line.family, known ?? line.place);
    return known !== undefined && known !== line.place;
  });
}

/** "BPFI drive end − 1×" */
export const sidebandLabel = ({ carrier, side }: Sideband): string => `${lineLabel(carrier)} ${side < 0 ? '−' : '+'} ${Math.abs(side)}×`;
