import { refuse, type Recording } from './recording';
import { samplingOf } from './sampling';
import { readTable, type Column, type Table } from './table';
import { secondsPerUnit } from './units';

const year2000S = 946684800;
const femtoRateHz = 25600;
const timeNames = ['time', 't', 'timestamp', 'datetime', 'date', 'zeit', 'uhrzeit', '时间', '時間', '日期'];

function countsRows({ kind, values }: Column): boolean {
  return kind === 'number' && values.length > 1 && values.every((v, i) => i === 0 || v - values[i - 1]! === 1);
}

function isNamedTime(column: Column): boolean {
  const name = column.name.toLowerCase();
  return timeNames.includes(name) || /^time[ _]/.test(name) || secondsPerUnit(column.unit) !== undefined;
}

/** Rises in steps that hardly differ, as no signal does. */
function risesEvenly({ kind, values }: Column): boolean {
  if (kind !== 'number' || values.length < 8) return false;
  const mean = (values.at(-1)! - values[0]!) / (values.length - 1);
  return mean > 0 && values.every((v, i) => i === 0 || Math.abs(v - values[i - 1]! - mean) <= 0.01 * mean);
}

function findTimes({ columns, hasHeader }: Table): Column | undefined {
  const named = columns.find((column) => column.kind !== 'text' && (column.kind === 'clock' || isNamedTime(column)));
  if (named) return named;
  const first = columns[0]!;
  const mayBeTime = columns.length > 1 && (!hasHeader || first.name === '');
  return mayBeTime && !countsRows(first) && risesEvenly(first) ? first : undefined;
}

function secondsPerStep(column: Column): number {
  if (column.kind === 'clock') return 1;
  return secondsPerUnit(column.unit) ?? secondsPerUnit(/_([^_]+)$/.exec(column.name)?.[1] ?? '') ?? 1;
}

function isRowCounter(column: Column, table: Table): boolean {
  if (column !== table.columns[0] || table.columns.length < 2) return false;
  return ['', 'index', 'sample', 'n', '序号'].includes(column.name.toLowerCase()) && countsRows(column);
}

/** Hour, minute, second, microsecond, horizontal, vertical (IEEE PHM 2012). */
function readFemto({ columns, hasHeader }: Table): Recording | undefined {
  if (hasHeader || columns.length !== 6 || columns.some((column) => column.kind !== 'number')) return undefined;
  const limits = [23, 59, 59, 1e6];
  const isClock = limits.every((most, i) =>
    columns[i]!.values.every((v) => v >= 0 && v <= most && Number.isInteger(v)),
  );
  const [hours, minutes, seconds, micros] = columns.map((column) => column.values);
  if (!isClock || micros![0] === micros!.at(-1)) return undefined;
  const times = micros!.map((us, i) => 3600 * hours![i]! + 60 * minutes![i]! + seconds![i]! + 1e-6 * us);
  const { sampleRateHz, problem } = samplingOf(times);
  const isFemtoRate = Math.abs(sampleRateHz / femtoRateHz - 1) < 0.01; // times are rounded to 10 us
  return {
    channels: ['H', 'V'].map((name, i) => ({ name, unit: 'g', samples: Float32Array.from(columns[4 + i]!.values) })),
    sampleRateHz: isFemtoRate ? femtoRateHz : sampleRateHz,
    ...(problem && { clockProblem: problem }),
    isFullScale: false,
  };
}

function clockOf(times: Column | undefined): Pick<Recording, 'sampleRateHz' | 'measuredAt' | 'clockProblem'> {
  if (!times) return { sampleRateHz: 0 };
  const unit = secondsPerStep(times);
  const { sampleRateHz, problem } = samplingOf(times.values.map((time) => time * unit));
  const begin = times.values[0] ?? 0;
  return {
    sampleRateHz,
    ...(problem && { clockProblem: problem }),
    ...(times.kind === 'clock' && begin > year2000S && { measuredAt: new Date(begin * 1000) }),
  };
}

/** A recording from a text table: one row a sample, one column a channel. Throws RecordingError. */
export function readCsv(text: string): Recording {
  const table = readTable(text);
  const femto = readFemto(table);
  if (femto) return femto;
  const times = findTimes(table);
  const sampled = table.columns.filter(
    (column) => column !== times && column.kind === 'number' && !isRowCounter(column, table),
  );
  if (sampled.length === 0) refuse('noSampleColumn');
  const channels = sampled.map((column) => ({
    name: column.name || (table.columns.length > 1 ? String(table.columns.indexOf(column) + 1) : ''),
    unit: column.unit,
    samples: Float32Array.from(column.values),
  }));
  return { channels, ...clockOf(times), isFullScale: false };
}
