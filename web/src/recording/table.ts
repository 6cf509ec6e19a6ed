import { parseClock, parseNumber, splitUnit } from './cell';
import { refuse } from './recording';
import { knownUnit, secondsPerUnit } from './units';

/** How a text table is written. */
export interface Dialect {
  delimiter: string;
  decimalComma: boolean;
}

export interface Column {
  /** Without its unit; empty where the table has no header. */
  name: string;
  unit: string;
  /** Text is kept out of values; a clock holds seconds. */
  kind: 'number' | 'clock' | 'text';
  /** NaN for an empty cell. */
  values: number[];
}

export interface Table {
  columns: Column[];
  hasHeader: boolean;
}

const sniffedLines = 40;
const maxColumns = 4096;
const maxRowsAbove = 200;
const maxQuoted = 60;

function cellCount(line: string, delimiter: string): number {
  const parts = delimiter === ' ' ? line.trim().split(/ +/) : line.split(delimiter);
  return parts.length - 1;
}

/** How many lines hold the most common nonzero number of delimiters. */
function evenLines(lines: string[], delimiter: string): number {
  const linesByCount = new Map<number, number>();
  for (const line of lines) {
    const count = cellCount(line, delimiter);
    if (count > 0) linesByCount.set(count, (linesByCount.get(count) ?? 0) + 1);
  }
  return Math.max(0, ...linesByCount.values());
}

/** Guesses by what divides the first lines evenly: tab before semicolon before comma before blanks. */
export function sniffDialect(text: string): Dialect {
  const lines = text.slice(0, 65536).split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  lines.length = Math.min(lines.length, sniffedLines);
  let delimiter = ',';
  let best = 0;
  for (const candidate of ['\t', ';', ',', ' ']) {
    const even = evenLines(lines, candidate);
    if (even > best) [best, delimiter] = [even, candidate];
  }
  if (delimiter === ',') return { delimiter, decimalComma: false };
  const body = lines.slice(Math.floor(lines.length / 2)).join('');
  return { delimiter, decimalComma: body.split(',').length > body.split('.').length };
}

function splitQuoted(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (c === '"') {
      if (quoted && line[i + 1] === '"') cell += line[++i];
      else quoted = !quoted;
    } else if (c === delimiter && !quoted) {
      cells.push(cell);
      cell = '';
    } else {
      cell += c;
    }
  }
  cells.push(cell);
  return delimiter === ' ' ? cells.filter((text) => text !== '') : cells;
}

function splitLine(line: string, delimiter: string): string[] {
  if (line.includes('"')) return splitQuoted(line, delimiter);
  return delimiter === ' ' ? line.trim().split(/ +/) : line.split(delimiter);
}

/** Lines with anything but blanks, with their number from 1. */
function* linesOf(text: string): Generator<[string, number]> {
  const newline = /\r\n|\r|\n/g;
  let begin = 0;
  for (let number = 1; begin < text.length; number++) {
    const match = newline.exec(text);
    const end = match ? match.index : text.length;
    const line = text.slice(begin, end);
    if (line.trim() !== '') yield [line, number];
    begin = match ? newline.lastIndex : text.length;
  }
}

/** Takes rows one by one: those above the numbers name the columns. */
class TableBuilder {
  private readonly above: string[][] = [];
  private columns: Column[] = [];
  private hasHeader = false;
  private firstLine = 0;

  constructor(private readonly decimalComma: boolean) {}

  take(row: string[], line: number): void {
    if (row.length > maxColumns) refuse('tooManyColumns', { line, most: maxColumns });
    if (/^\s*(#|%|\/\/)/.test(row[0] ?? '')) return;
    if (this.columns.length === 0) {
      if (!this.holdsNumbers(row)) {
        this.above.push(row);
        if (this.above.length > maxRowsAbove) refuse('noNumbers', { lines: maxRowsAbove });
        return;
      }
      this.begin(row, line);
    }
    this.append(row, line);
  }

  finish(): Table {
    if (this.columns.length === 0) {
      if (this.above.length === 0) refuse('empty');
      refuse('noNumbers', { lines: this.above.length });
    }
    while (this.columns.length > 1 && isEmptyEdge(this.columns.at(-1)!)) this.columns.pop();
    return { columns: this.columns, hasHeader: this.hasHeader };
  }

  private isValue(cell: string): boolean {
    return parseNumber(cell, this.decimalComma) !== undefined || parseClock(cell) !== undefined;
  }

  private holdsNumbers(row: string[]): boolean {
    const filled = row.filter((cell) => cell.trim() !== '');
    const numbers = filled.filter((cell) => this.isValue(cell)).length;
    return numbers > 0 && 2 * numbers >= filled.length;
  }

  private begin(row: string[], line: number): void {
    this.firstLine = line;
    this.columns = row.map((cell) => {
      const isNumber = cell.trim() === '' || parseNumber(cell, this.decimalComma) !== undefined;
      const kind = isNumber ? 'number' : parseClock(cell) !== undefined ? 'clock' : 'text';
      return { name: '', unit: '', kind, values: [] };
    });
    this.nameColumns();
  }

  private nameColumns(): void {
    const rows = this.above.filter((row) => row.length === this.columns.length);
    const last = rows.at(-1);
    if (!last) return;
    const isUnits = rows.length > 1 && last.every(isUnitCell);
    const names = isUnits ? rows.at(-2)! : last;
    this.hasHeader = true;
    this.columns.forEach((column, i) => {
      Object.assign(column, splitUnit(names[i]!));
      const unit = isUnits ? last[i]!.trim() : '';
      if (!column.unit && unit && unit !== '-') column.unit = knownUnit(unit) ?? unit;
    });
  }

  private append(row: string[], line: number): void {
    if (row.length !== this.columns.length) {
      const [cells, expected] = [row.length, this.columns.length];
      refuse('rowLength', { line, cells, expected, first: this.firstLine });
    }
    for (let i = 0; i < row.length; i++) {
      const column = this.columns[i]!;
      const cell = row[i]!;
      if (column.kind === 'text') continue;
      const value = column.kind === 'clock' ? parseClock(cell) : this.valueOf(cell);
      if (value === undefined) {
        const text = cell.trim().slice(0, maxQuoted);
        refuse(column.kind === 'clock' ? 'notTime' : 'notNumber', { line, column: column.name || i + 1, text });
      }
      column.values.push(value);
    }
  }

  private valueOf(cell: string): number | undefined {
    return cell.trim() === '' ? Number.NaN : parseNumber(cell, this.decimalComma);
  }
}

function isUnitCell(cell: string): boolean {
  const text = cell.trim();
  return text === '' || text === '-' || knownUnit(text) !== undefined || secondsPerUnit(text) !== undefined;
}

function isEmptyEdge(column: Column): boolean {
  return column.name === '' && column.kind === 'number' && column.values.every(Number.isNaN);
}

/** A table of numbers: remarks, header and a row of units are known by not being numbers. */
export function readTable(text: string): Table {
  const nul = text.indexOf('\0');
  if (nul >= 0) refuse('notText', { byte: nul });
  const dialect = sniffDialect(text);
  const builder = new TableBuilder(dialect.decimalComma);
  for (const [line, number] of linesOf(text)) builder.take(splitLine(line, dialect.delimiter), number);
  return builder.finish();
}
