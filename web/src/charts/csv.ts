// Tables as text: RFC 4180, numbers with a point whatever the language, unknown values empty.

export type Cell = string | number | null | undefined;

export interface Table {
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
}

/** More than float32 carries. */
const significantDigits = 9;
const byteOrderMark = '\uFEFF';

function field(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(Number(cell.toPrecision(significantDigits))) : '';
  // A leading sign of a formula would be run by a spreadsheet.
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvOf(table: Table): string {
  const lines = [table.columns, ...table.rows].map((row) => row.map(field).join(','));
  return `${byteOrderMark}${lines.join('\r\n')}\r\n`;
}

/** A name that every file system takes. */
export function fileName(parts: readonly string[], extension: string): string {
  const name = parts
    .map((part) => part.normalize('NFC').replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^-+|-+$/g, ''))
    .filter(Boolean)
    .join('_');
  return `${name || 'auscult'}.${extension}`;
}

export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function saveCsv(table: Table, name: string): void {
  saveBlob(new Blob([csvOf(table)], { type: 'text/csv;charset=utf-8' }), name);
}
