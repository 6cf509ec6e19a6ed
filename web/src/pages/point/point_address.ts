// What the point page shows, as it stands in the address: a link opens the same picture.
import type { FrequencyCursor } from '../../charts/cursor_families';
import { cursorOf, cursorText } from '../../charts/cursor_text';
import type { CursorKind } from '../../charts/cursor_actions';
import { lineFamilies, type LineFamily } from '../../charts/machine_lines';
import type { Span } from '../../charts/span';
import type { AmplitudeAxis } from '../../charts/spectrum_shown';
import type { FrequencyUnit } from '../../charts/units';

export const tabs = ['trend', 'waveform', 'spectrum', 'envelope', 'waterfall', 'records', 'limits'] as const;
export type Tab = (typeof tabs)[number];

/** Seconds back from the end, "all", or a span of seconds since 1970. */
export type Period = number | 'all' | Span;

export interface PointAddress {
  tab: Tab;
  period: Period;
  /** Zoom of the trend, in seconds since 1970. */
  view?: Span;
  series: string[];
  /** Other points that are laid over, by resource name. */
  overlay: string[];
  /** An earlier period laid over: by how many seconds it is moved. */
  compareS?: number;
  a?: number;
  b?: number;
  /** measured_at of the record; the newest with samples where absent. */
  record?: string;
  /** Another record to compare its spectrum with. */
  reference?: string;
  channel?: string;
  unit?: string;
  rms: boolean;
  axis: AmplitudeAxis;
  frequency: FrequencyUnit;
  /** Zoom of the spectrum, in Hz. */
  hz?: Span;
  kind: CursorKind;
  cursor?: FrequencyCursor;
  families: LineFamily[];
  places: string[];
  harmonics: boolean;
}

export const dayS = 86400;
export const defaultPeriod = 30 * dayS;
const defaultFamilies: readonly LineFamily[] = ['shaft', 'bpfo', 'bpfi', 'bsf', 'ftf', 'mesh', 'supply'];

type Query = Record<string, string | undefined>;

const text = (value: number): string => String(Number(value.toPrecision(12)));
const spanText = (span: Span | undefined): string | undefined => span && `${text(span[0])}~${text(span[1])}`;

function spanOf(value: string | null): Span | undefined {
  const [low = NaN, high = NaN] = (value ?? '').split('~').map(Number);
  return value && high > low ? [low, high] : undefined;
}

function periodOf(value: string | null): Period {
  if (value === 'all') return 'all';
  const seconds = Number(value);
  return spanOf(value) ?? (value && seconds > 0 ? seconds : defaultPeriod);
}

function numberOf(value: string | null): number | undefined {
  const read = Number(value);
  return value !== null && value !== '' && Number.isFinite(read) ? read : undefined;
}

const listOf = (value: string | null): string[] => (value ?? '').split(',').filter(Boolean);

function oneOf<T extends string>(value: string | null, choices: readonly T[], fallback: T): T {
  return choices.find((choice) => choice === value) ?? fallback;
}

/** Units and axes that the address does not name are those that the reader chose last. */
export interface Preferences {
  axis: AmplitudeAxis;
  frequency: FrequencyUnit;
}

export function readAddress(query: URLSearchParams, prefers: Preferences, defaultSeries: string[]): PointAddress {
  const cursor = cursorOf(query.get('cursor'));
  const series = listOf(query.get('series'));
  const families = query.get('lines');
  return {
    tab: oneOf(query.get('tab'), tabs, 'trend'),
    period: periodOf(query.get('period')),
    view: spanOf(query.get('view')),
    series: series.length > 0 ? series : defaultSeries,
    overlay: listOf(query.get('with')),
    compareS: numberOf(query.get('compare')),
    a: numberOf(query.get('a')),
    b: numberOf(query.get('b')),
    record: query.get('record') ?? undefined,
    reference: query.get('against') ?? undefined,
    channel: query.get('channel') ?? undefined,
    unit: query.get('unit') ?? undefined,
    rms: query.get('rms') === '1',
    axis: oneOf(query.get('axis'), ['linear', 'log', 'db'], prefers.axis),
    frequency: oneOf(query.get('frequency'), ['Hz', 'orders', 'cpm'], prefers.frequency),
    hz: spanOf(query.get('hz')),
    kind: cursor?.kind ?? 'single',
    cursor,
    families: families === null ? [...defaultFamilies] : lineFamilies.filter((family) => families.split(',').includes(family)),
    places: listOf(query.get('places')),
    harmonics: query.get('harmonics') === '1',
  };
}

/** Everything that differs from what an address without it shows; what a reader may prefer otherwise is always told. */
export function writeAddress(address: PointAddress, defaultSeries: string[]): Query {
  const spectral = address.tab === 'spectrum' || address.tab === 'envelope' || address.tab === 'waterfall';
  const unless = <T,>(value: T, usual: T, write: (value: T) => string): string | undefined => (value === usual ? undefined : write(value));
  const same = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join();
  const { period } = address;
  return {
    tab: unless(address.tab, 'trend', String),
    period: period === defaultPeriod ? undefined : typeof period === 'object' ? spanText(period) : String(period),
    view: spanText(address.view),
    series: same(address.series, defaultSeries) ? undefined : address.series.join(),
    with: address.overlay.join() || undefined,
    compare: address.compareS === undefined ? undefined : String(address.compareS),
    a: address.a === undefined ? undefined : text(address.a),
    b: address.b === undefined ? undefined : text(address.b),
    record: address.record,
    against: address.reference,
    channel: address.channel,
    unit: address.unit,
    rms: address.rms ? '1' : undefined,
    axis: spectral ? address.axis : undefined,
    frequency: spectral ? address.frequency : undefined,
    hz: spanText(address.hz),
    cursor: cursorText(address.cursor),
    lines: same(address.families, defaultFamilies) ? undefined : address.families.join() || 'none',
    places: address.places.join() || undefined,
    harmonics: address.harmonics ? '1' : undefined,
  };
}
