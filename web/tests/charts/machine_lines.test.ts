import { describe, expect, it } from 'vitest';
import { principalLine, pictureOfFault, upperHz } from '../../src/charts/fault_picture';
import { familiesOf, lineAt, namedLines, parseLineName, placesOf, sidebandOf, withHarmonics } from '../../src/charts/machine_lines';

const lines = namedLines([
  { name: 'FTF drive end', hz: 9.5, orders: 0.4 },
  { name: '1x', hz: 23.77, orders: 1 },
  { name: '2x', hz: 47.54, orders: 2 },
  { name: 'line frequency', hz: 50 },
  { name: 'BPFO drive end', hz: 85.2, orders: 3.585 },
  { name: '2xBSF drive end', hz: 112.04, orders: 4.71 },
  { name: 'BPFI drive end', hz: 128.7, orders: 5.415 },
  { name: 'BPFI non-drive end', hz: 117.6, orders: 4.947 },
  { name: 'blade pass', hz: 142.6, orders: 6 },
  { name: 'mesh pinion', hz: 499.2, orders: 21 },
]);

describe('names of the machine’s lines', () => {
  it('tell family, place and harmonic', () => {
    expect(parseLineName('2xBSF drive end')).toEqual({ family: 'bsf', place: 'drive end', harmonic: 1 });
    expect(parseLineName('3 x 2xBSF drive end')).toEqual({ family: 'bsf', place: 'drive end', harmonic: 3 });
    expect(parseLineName('2 x line frequency')).toEqual({ family: 'supply', place: '', harmonic: 2 });
    expect(parseLineName('4x')).toEqual({ family: 'shaft', place: '', harmonic: 1 });
    expect(parseLineName('blade pass')).toEqual({ family: 'blade', place: '', harmonic: 1 });
  });

  it('that nobody foresaw are kept as they are', () => {
    expect(parseLineName('torsional mode')).toEqual({ family: 'other', place: 'torsional mode', harmonic: 1 });
  });

  it('fall into families and places', () => {
    expect(familiesOf(lines)).toEqual(['shaft', 'bpfo', 'bpfi', 'bsf', 'ftf', 'mesh', 'blade', 'supply']);
    expect(placesOf(lines)).toEqual(['drive end', 'non-drive end', 'pinion']);
  });
});

describe('harmonics', () => {
  it('are drawn up to the end, those of the shaft stand by themselves', () => {
    const all = withHarmonics(lines, 3, 300);
    expect(all.filter((line) => line.family === 'bpfi' && line.place === 'drive end').map(({ harmonic }) => harmonic)).toEqual([1, 2]);
    expect(all.filter((line) => line.family === 'shaft')).toHaveLength(2);
    expect(all.map(({ hz }) => hz)).toEqual([...all.map(({ hz }) => hz)].sort((a, b) => a - b));
  });
});

describe('a frequency', () => {
  it('is named by the nearest line within slip', () => {
    expect(lineAt(lines, 127.7, 0.78)?.name).toBe('BPFI drive end');
    expect(lineAt(lines, 383.6, 0.78)?.name).toBe('3 x BPFI drive end');
    expect(lineAt(lines, 100, 0.1)?.name).toBe('2 x line frequency');
    expect(lineAt(lines, 66, 0.1)).toBeUndefined();
  });
});

describe('a sideband', () => {
  const peaks = [{ hz: 127.97, line: 'BPFI drive end' }, { hz: 255.61, line: '2 x BPFI drive end' }, { hz: 23.7, line: '1x' }];

  it('stands at the rate of the shaft beside a measured line', () => {
    expect(sidebandOf(104.0, peaks, 23.77, 0.78)).toEqual({ carrier: 'BPFI drive end', side: -1 });
    expect(sidebandOf(279.4, peaks, 23.77, 0.78)).toEqual({ carrier: '2 x BPFI drive end', side: 1 });
  });

  it('is not read into every peak, nor beside the shaft itself', () => {
    expect(sidebandOf(110, peaks, 23.77, 0.78)).toBeUndefined();
    expect(sidebandOf(47.5, peaks, 23.77, 0.78)).toBeUndefined();
    expect(sidebandOf(104, peaks, undefined, 0.78)).toBeUndefined();
  });
});

describe('the picture of a fault', () => {
  it('shows the line that the evidence names, not that of another bearing', () => {
    const picture = pictureOfFault('FAULT_INNER_RACE');
    expect(picture.kind).toBe('envelope');
    expect(principalLine(lines, picture, 127.7)?.name).toBe('BPFI drive end');
    expect(principalLine(lines, picture, undefined)?.family).toBe('bpfi');
  });

  it('ends beyond the last harmonic that is marked, or at the end of the spectrum', () => {
    const picture = pictureOfFault('FAULT_UNBALANCE');
    expect(upperHz(picture, principalLine(lines, picture, undefined), 6400)).toBeCloseTo(12 * 23.77, 6);
    expect(upperHz(picture, undefined, 6400)).toBe(6400);
  });

  it('of what nobody names is the spectrum', () => {
    expect(pictureOfFault('FAULT_OTHER').kind).toBe('spectrum');
    expect(pictureOfFault(undefined).kind).toBe('spectrum');
  });
});
