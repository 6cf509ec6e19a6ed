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
  const peaks = [
    { hz: 127.97, amplitude: 1.08, line: 'BPFI drive end' },
    { hz: 255.61, amplitude: 0.84, line: '2 x BPFI drive end' },
    { hz: 23.7, amplitude: 1, line: '1x' },
  ];
  const at = (hz: number, line = '', amplitude = 0.5, shaftHz: number | undefined = 23.77) =>
    sidebandOf({ hz, amplitude, line }, peaks, shaftHz, 0.78);

  it('stands at the rate of the shaft beside a measured line', () => {
    expect(at(104.0)).toEqual({ carrier: 'BPFI drive end', side: -1 });
    expect(at(279.4)).toEqual({ carrier: '2 x BPFI drive end', side: 1 });
  });

  it('is not read into every peak, nor beside the shaft itself', () => {
    expect(at(110)).toBeUndefined();
    expect(at(47.5)).toBeUndefined();
    expect(sidebandOf({ hz: 104, amplitude: 1, line: '' }, peaks, undefined, 0.78)).toBeUndefined();
  });

  it('goes before a harmonic of another bearing that slip makes wide, not before a line of its own', () => {
    expect(at(232.02, '2 x BPFI non-drive end')).toEqual({ carrier: '2 x BPFI drive end', side: -1 });
    expect(at(104.0, 'BPFO drive end')).toBeUndefined();
    expect(at(232.02, '2 x BPFI non-drive end', 0.9)).toBeUndefined();
  });

  it('of a mesh keeps its carrier among names that the width of bearing lines lends', () => {
    const gear = [
      { hz: 477.3, amplitude: 1.41, line: '' },
      { hz: 525.09, amplitude: 1.4, line: '4 x BPFI input shaft' },
      { hz: 501.23, amplitude: 1.38, line: 'mesh wheel' },
      { hz: 549.02, amplitude: 0.7, line: '' },
    ];
    expect(gear.map((peak) => sidebandOf(peak, gear, 23.84, 0.78)?.side)).toEqual([-1, 1, undefined, 2]);
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
