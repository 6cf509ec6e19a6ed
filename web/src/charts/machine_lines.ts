// The machine's own lines as the server names them ("1x", "BPFO drive end", "2 x mesh pinion"), sorted into families.

export type LineFamily = 'shaft' | 'bpfo' | 'bpfi' | 'bsf' | 'ftf' | 'mesh' | 'blade' | 'belt' | 'supply' | 'other';

export interface MachineLine {
  name: string;
  hz: number;
  orders?: number;
}

export interface NamedLine extends MachineLine {
  family: LineFamily;
  /** "drive end", "pinion"; empty where the line has no place. */
  place: string;
  harmonic: number;
}

export const lineFamilies: readonly LineFamily[] = [
  'shaft', 'bpfo', 'bpfi', 'bsf', 'ftf', 'mesh', 'blade', 'belt', 'supply', 'other',
];

const prefixes: readonly [prefix: string, family: LineFamily][] = [
  ['line frequency', 'supply'], ['blade pass', 'blade'], ['2xBSF', 'bsf'], ['BPFO', 'bpfo'], ['BPFI', 'bpfi'],
  ['FTF', 'ftf'], ['mesh', 'mesh'], ['belt', 'belt'],
];

const shaftName = /^(\d+(?:\.\d+)?)x$/;
const harmonicName = /^(\d+) x (.+)$/;

/** What a name of the server says. */
export function parseLineName(name: string): { family: LineFamily; place: string; harmonic: number } {
  const multiple = harmonicName.exec(name);
  const harmonic = multiple ? Number(multiple[1]) : 1;
  const base = multiple?.[2] ?? name;
  if (shaftName.test(base)) return { family: 'shaft', place: '', harmonic };
  for (const [prefix, family] of prefixes) {
    if (base === prefix) return { family, place: '', harmonic };
    if (base.startsWith(`${prefix} `)) return { family, place: base.slice(prefix.length + 1), harmonic };
  }
  return { family: 'other', place: base, harmonic };
}

/** The lines with what their names say; those at the same frequency (6x and blade pass) stay apart. */
export function namedLines(lines: readonly MachineLine[]): NamedLine[] {
  return lines.map((line) => ({ ...line, ...parseLineName(line.name) }));
}

export function familiesOf(lines: readonly NamedLine[]): LineFamily[] {
  const present = new Set(lines.map((line) => line.family));
  return lineFamilies.filter((family) => present.has(family));
}

/** Places within a family: a machine has a BPFO at each of its bearings. */
export function placesOf(lines: readonly NamedLine[]): string[] {
  return [...new Set(lines.map((line) => line.place).filter(Boolean))].sort();
}

/** The shaft's orders are listed one by one already, and sidebands of the line frequency have none. */
const hasHarmonics = (line: NamedLine): boolean => line.family !== 'shaft' && !(line.family === 'supply' && line.place);

/** The lines and their multiples up to `harmonics`. */
export function withHarmonics(lines: readonly NamedLine[], harmonics: number, limitHz: number): NamedLine[] {
  const all: NamedLine[] = [];
  for (const line of lines) {
    const last = hasHarmonics(line) ? harmonics : 1;
    for (let harmonic = 1; harmonic <= last && harmonic * line.hz <= limitHz; ++harmonic) {
      all.push({
        ...line,
        harmonic,
        hz: harmonic * line.hz,
        name: harmonic === 1 ? line.name : `${harmonic} x ${line.name}`,
        orders: line.orders === undefined ? undefined : harmonic * line.orders,
      });
    }
  }
  return all.sort((a, b) => a.hz - b.hz);
}

const toleranceOf: Readonly<Record<LineFamily, number>> = {
  shaft: 0.003, bpfo: 0.02, bpfi: 0.02, bsf: 0.02, ftf: 0.02, mesh: 0.003, blade: 0.003, belt: 0.03, supply: 0.005,
  other: 0.005,
};
const toleranceBins = 1.5;
const namedHarmonics = 6;

/**
 * The line that `hz` stands on, by the tolerances of GetSpectrum (docs/api.md): lower harmonics first, of one harmonic
 * the nearest line.
 */
export function lineAt(lines: readonly NamedLine[], hz: number, binHz: number): NamedLine | undefined {
  for (let harmonic = 1; harmonic <= namedHarmonics; ++harmonic) {
    let best: NamedLine | undefined;
    for (const line of lines) {
      if (harmonic > 1 && !hasHarmonics(line)) continue;
      const off = Math.abs(hz - harmonic * line.hz);
      if (off > Math.max(toleranceBins * binHz, toleranceOf[line.family] * harmonic * line.hz)) continue;
      if (best && off >= Math.abs(hz - best.hz)) continue;
      best = { ...line, harmonic, hz: harmonic * line.hz, name: harmonic === 1 ? line.name : `${harmonic} x ${line.name}` };
    }
    if (best) return best;
  }
  return undefined;
}

export interface Sideband {
  /** Name of the peak that it stands beside. */
  carrier: string;
  /** Multiples of the shaft's rate, below or above. */
  side: number;
}

export interface NamedPeak {
  hz: number;
  amplitude: number;
  /** Name of the line that it stands on; empty: of none. */
  line: string;
}

const carriers: ReadonlySet<LineFamily> = new Set<LineFamily>(['bpfi', 'bsf', 'mesh', 'bpfo']);
const slipping: ReadonlySet<LineFamily> = new Set<LineFamily>(['bpfo', 'bpfi', 'bsf', 'ftf']);
const sidebandPairs = 3;

/** True for a harmonic of a bearing line: slip makes it so wide that much else falls into it. */
function isDoubtful(line: string): boolean {
  const { family, harmonic } = parseLineName(line);
  return line !== '' && harmonic > 1 && slipping.has(family);
}

/**
 * What a peak is a sideband of: a defect that turns through the load zone and a mesh are modulated at the rate of the
 * shaft. Carriers are measured peaks, so that slip does not matter; low harmonics and near sidebands go first. A peak with
 * a line of its own is none, unless that is a high harmonic of a bearing line and the carrier is plainer.
 */
export function sidebandOf(peak: NamedPeak, peaks: readonly NamedPeak[], shaftHz: number | undefined, binHz: number): Sideband | undefined {
  const doubtful = isDoubtful(peak.line);
  if (!shaftHz || (peak.line && !doubtful)) return undefined;
  let best: (Sideband & { harmonic: number }) | undefined;
  for (const carrier of peaks) {
    const { family, harmonic } = parseLineName(carrier.line);
    if (carrier === peak || !carrier.line || !carriers.has(family)) continue;
    if (doubtful && harmonic > 1 && carrier.amplitude <= peak.amplitude) continue;
    const side = Math.round((peak.hz - carrier.hz) / shaftHz);
    if (side === 0 || Math.abs(side) > sidebandPairs) continue;
    if (Math.abs(peak.hz - carrier.hz - side * shaftHz) > toleranceBins * binHz) continue;
    if (best && (best.harmonic < harmonic || (best.harmonic === harmonic && Math.abs(best.side) <= Math.abs(side)))) continue;
    best = { carrier: carrier.line, side, harmonic };
  }
  return best && { carrier: best.carrier, side: best.side };
}
