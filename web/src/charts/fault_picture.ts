// Which spectrum shows a fault, which lines of the machine to look at in it, and how far up.
import type { Fault } from '../api/client';
import type { LineFamily, NamedLine } from './machine_lines';
import type { FrequencyCursor } from './cursor_families';

export interface FaultPicture {
  kind: 'spectrum' | 'envelope';
  /** Unit that the standard text shows it in; undefined: that of the channel. */
  unit?: string;
  families: readonly LineFamily[];
  /** Harmonics of these lines that are marked. */
  harmonics: number;
  /** Also lines at ± the shaft's rate around them. */
  shaftSidebands: boolean;
}

const ofBearing = (family: LineFamily, shaftSidebands: boolean): FaultPicture => ({
  kind: 'envelope', families: [family, 'shaft'], harmonics: 4, shaftSidebands,
});
const ofShaft: FaultPicture = { kind: 'spectrum', unit: 'mm/s', families: ['shaft'], harmonics: 1, shaftSidebands: false };
const ofSupply: FaultPicture = { kind: 'spectrum', families: ['supply', 'shaft'], harmonics: 2, shaftSidebands: false };

const pictures: Partial<Record<Fault, FaultPicture>> = {
  FAULT_INNER_RACE: ofBearing('bpfi', true),
  FAULT_OUTER_RACE: ofBearing('bpfo', false),
  FAULT_BALL: ofBearing('bsf', false),
  FAULT_CAGE: ofBearing('ftf', false),
  FAULT_UNBALANCE: ofShaft,
  FAULT_MISALIGNMENT: ofShaft,
  FAULT_LOOSENESS: ofShaft,
  FAULT_GEAR: { kind: 'spectrum', families: ['mesh', 'shaft'], harmonics: 3, shaftSidebands: true },
  FAULT_BROKEN_ROTOR_BAR: ofSupply,
  FAULT_ECCENTRICITY: ofSupply,
  FAULT_STATOR_WINDING: ofSupply,
  FAULT_ELECTRICAL: ofSupply,
};

const usual: FaultPicture = { kind: 'spectrum', families: ['shaft', 'mesh', 'blade', 'supply'], harmonics: 1, shaftSidebands: false };

export const pictureOfFault = (fault: Fault | undefined): FaultPicture => pictures[fault ?? 'FAULT_UNSPECIFIED'] ?? usual;

/** The line that the fault stands on: the one nearest to the frequency that the evidence names, else the lowest. */
export function principalLine(lines: readonly NamedLine[], picture: FaultPicture, evidenceHz: number | undefined): NamedLine | undefined {
  const own = lines.filter((line) => line.family === picture.families[0]);
  if (evidenceHz === undefined) return own[0];
  return own.reduce<NamedLine | undefined>(
    (best, line) => (!best || Math.abs(line.hz - evidenceHz) < Math.abs(best.hz - evidenceHz) ? line : best),
    undefined,
  );
}

/** Upper end of the picture: the marked harmonics with room beyond. */
export function upperHz(picture: FaultPicture, principal: NamedLine | undefined, nyquistHz: number): number {
  if (!principal) return nyquistHz;
  const reach = picture.families[0] === 'shaft' ? 12 : picture.harmonics + 1.2;
  return Math.min(reach * principal.hz, nyquistHz);
}

/** The cursor that a link to the whole spectrum sets. */
export function cursorOfFault(picture: FaultPicture, hz: number, shaftHz: number | undefined): FrequencyCursor {
  if (picture.families[0] === 'mesh' && shaftHz) return { kind: 'sideband', carrierHz: hz, spacingHz: shaftHz, pairs: 4 };
  return { kind: 'harmonic', fundamentalHz: hz, count: 8 };
}
