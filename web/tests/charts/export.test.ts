import { describe, expect, it } from 'vitest';
import { csvOf, fileName } from '../../src/charts/csv';
import { layLegend } from '../../src/charts/png';

describe('CSV', () => {
  it('quotes what needs it and leaves out what is not known', () => {
    const text = csvOf({ columns: ['time', 'a "b", c'], rows: [['2026-01-01', 1.5], ['x,y', NaN], ['line\nbreak', null]] });
    expect(text).toBe('\uFEFFtime,"a ""b"", c"\r\n2026-01-01,1.5\r\n"x,y",\r\n"line\nbreak",\r\n');
  });

  it('has float32 values as they were measured', () => {
    expect(csvOf({ columns: ['v'], rows: [[Math.fround(0.1)], [1e-9], [-12]] })).toContain('0.100000001\r\n1e-9\r\n-12');
  });

  it('gives a spreadsheet no formula to run', () => {
    expect(csvOf({ columns: ['n'], rows: [['=1+1']] })).toContain("'=1+1");
  });
});

describe('names of files', () => {
  it('are taken by every file system, in any language', () => {
    expect(fileName(['Pump 1: drive end/in', '22 Nov, 14:30'], 'csv')).toBe('Pump-1-drive-end-in_22-Nov-14-30.csv');
    expect(fileName(['水泵 1'], 'png')).toBe('水泵-1.png');
    expect(fileName(['///'], 'csv')).toBe('auscult.csv');
  });
});

describe('the legend of a picture', () => {
  it('goes on in another row where it does not fit', () => {
    expect(layLegend([40, 40, 40], 100)).toEqual([[0, 1], [2]]);
    expect(layLegend([400], 100)).toEqual([[0]]);
    expect(layLegend([], 100)).toEqual([]);
  });
});
