import { call, type Evidence, type GetSpectrumRequest, type MachineLine, type Spectrum } from '../../api/client';
import { float32Of } from '../../api/octets';
import { lineLabel } from '../../charts/line_labels';

/** A line that the verdict stands on, and its multiples that are drawn with it. */
export interface EvidenceLine {
  hz: number;
  label: string;
  harmonic: number;
}

export interface Picture {
  spectrum: Spectrum;
  values: Float32Array;
  lines: EvidenceLine[];
  ofEnvelope: boolean;
}

const bearingFeature = /(?:^|\/)(?:bpfo|bpfi|ball|cage)_/;
const gearFeature = /(?:^|\/)gear_/;
const harmonicsDrawn = 4;
const meshesDrawn = 3;
const mostValues = 1200;

const isMesh = (line: MachineLine): boolean => /^mesh/.test(line.name ?? '');

const plainHz = (hz: number): string => String(Number(hz.toPrecision(4)));

function unique(lines: EvidenceLine[], toleranceHz: number): EvidenceLine[] {
  const kept: EvidenceLine[] = [];
  for (const line of lines) {
    if (!kept.some((other) => Math.abs(other.hz - line.hz) < toleranceHz)) kept.push(line);
  }
  return kept.sort((a, b) => a.hz - b.hz);
}

// The server's own name of the nearest line of the machine, "BPFI drive end"; else the order or the frequency.
function labelOf(spectrum: Spectrum, hz: number, order: number | undefined): string {
  const near = (spectrum.lines ?? [])
    .filter((line) => Math.abs(line.hz! - hz) < Math.max(0.03 * hz, 1.5 * (spectrum.binHz ?? 0)))
    .sort((a, b) => Math.abs(a.hz! - hz) - Math.abs(b.hz! - hz))[0];
  if (near?.name) return lineLabel(near.name);
  return order !== undefined ? `${plainHz(order)}×` : `${plainHz(hz)} Hz`;
}

/** The lines to mark in a spectrum for what the evidence says. */
export function linesOf(evidence: Evidence[], spectrum: Spectrum, maxHz: number): EvidenceLine[] {
  const found = evidence
    .filter((one) => one.supports && one.frequencyHz)
    .flatMap((one) => {
      const label = labelOf(spectrum, one.frequencyHz!, one.order);
      const multiples = bearingFeature.test(one.feature ?? '') ? harmonicsDrawn : 1;
      return Array.from({ length: multiples }, (_, at) => ({
        hz: one.frequencyHz! * (at + 1),
        label: at === 0 ? label : `${at + 1}×`,
        harmonic: at + 1,
      }));
    });
  if (evidence.some((one) => one.supports && gearFeature.test(one.feature ?? ''))) {
    for (const line of spectrum.lines ?? []) {
      if (!isMesh(line)) continue;
      for (let harmonic = 1; harmonic <= meshesDrawn; ++harmonic) {
        found.push({ hz: line.hz! * harmonic, label: harmonic === 1 ? lineLabel(line.name!) : `${harmonic}×`, harmonic });
      }
    }
  }
  return unique(found.filter((line) => line.hz < maxHz), 2 * (spectrum.binHz ?? 0.5));
}

/** The spectrum in which the evidence is best seen: of the envelope for bearings, else of velocity or current. */
export async function pictureOf(point: string, evidence: Evidence[], signal: AbortSignal): Promise<Picture> {
  const supporting = evidence.filter((one) => one.supports);
  const ofEnvelope = supporting.some((one) => bearingFeature.test(one.feature ?? ''));
  const ofGear = supporting.some((one) => gearFeature.test(one.feature ?? ''));
  const highest = Math.max(0, ...supporting.map((one) => one.frequencyHz ?? 0));
  const slash = supporting[0]?.feature?.indexOf('/') ?? -1;
  const channel = slash > 0 ? supporting[0]!.feature!.slice(0, slash) : undefined;
  const request = { point, channel, maxPoints: mostValues, format: 'NUMBER_FORMAT_OCTETS' as const };
  const maxHz = ofEnvelope ? Math.max(200, highest * (harmonicsDrawn + 0.6)) : ofGear ? undefined : Math.max(100, highest * 4);
  let spectrum = ofEnvelope
    ? await call('GetEnvelopeSpectrum', { ...request, maxHz }, { signal })
    : await plainSpectrum({ ...request, maxHz, unit: ofGear ? undefined : 'mm/s' }, signal);
  const mesh = ofGear ? spectrum.lines?.find(isMesh)?.hz : undefined;
  // Only now is it known where the teeth mesh; closer, their sidebands can be seen.
  if (mesh) spectrum = await call('GetSpectrum', { ...request, maxHz: mesh * (meshesDrawn + 0.5) }, { signal });
  const values = float32Of(spectrum.octets);
  const shownTo = (spectrum.startHz ?? 0) + values.length * (spectrum.stepHz ?? 1);
  return { spectrum, values, ofEnvelope, lines: linesOf(evidence, spectrum, shownTo) };
}

// A current has no velocity: then as it is.
async function plainSpectrum(request: GetSpectrumRequest, signal: AbortSignal): Promise<Spectrum> {
  try {
    return await call('GetSpectrum', request, { signal });
  } catch (error) {
    if (!request.unit || (error as { kind?: string }).kind !== 'invalid') throw error;
    return call('GetSpectrum', { ...request, unit: undefined }, { signal });
  }
}
