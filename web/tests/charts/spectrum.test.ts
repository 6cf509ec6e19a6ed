import { describe, expect, it } from 'vitest';
import { afterKey, asKind, grabbed, placed } from '../../src/charts/cursor_actions';
import { members, moved, readFamily, refineHarmonics } from '../../src/charts/cursor_families';
import { cursorOf, cursorText } from '../../src/charts/cursor_text';
import { amplitudeAt, familyAmplitude, localMaxima, nextPeak, peakNear, type SpectrumValues } from '../../src/charts/spectrum_model';
import { amplitudeExtent, amplitudeRange, onAxis } from '../../src/charts/spectrum_shown';

const stepHz = 0.5;

/** Lines with the shape of a window, over a floor. */
function spectrumOf(lines: [hz: number, amplitude: number][], bins = 2001): SpectrumValues {
  const values = Float32Array.from({ length: bins }, (_, i) =>
    lines.reduce((sum, [hz, amplitude]) => sum + amplitude * Math.exp(-(((i * stepHz - hz) / (1.5 * stepHz)) ** 2)), 0.001),
  );
  return { startHz: 0, stepHz, values };
}

const defect = 107.3;
const family = spectrumOf([[defect, 1], [2 * defect, 0.5], [3 * defect, 0.3], [4 * defect, 0.2], [5 * defect, 0.1]]);

describe('a peak', () => {
  it('is found between the bins, to a tenth of one', () => {
    const peak = peakNear(family, 106, 4);
    expect(Math.abs(peak.hz - defect)).toBeLessThan(0.05);
    expect(peak.amplitude).toBeGreaterThan(0.9);
  });

  it('at the end of the spectrum is that end', () => {
    expect(peakNear(family, -50, 1).hz).toBe(0);
    expect(amplitudeAt(family, 1e6)).toBe(family.values[2000]);
  });

  it('is followed by the next one, up and down', () => {
    expect(nextPeak(family, 150, true)?.hz).toBeCloseTo(2 * defect, 0);
    expect(nextPeak(family, 150, false)?.hz).toBeCloseTo(defect, 0);
    expect(nextPeak(family, 900, true)).toBeUndefined();
  });

  it('is none in a flat spectrum', () => {
    expect(localMaxima(new Float32Array(100).fill(1))).toEqual([]);
    expect(localMaxima(new Float32Array(0))).toEqual([]);
  });
});

describe('a harmonic cursor', () => {
  const cursor = { kind: 'harmonic', fundamentalHz: 100, count: 5 } as const;

  it('stands at multiples, up to the end of the spectrum', () => {
    expect(members(cursor, 350).map(({ hz }) => hz)).toEqual([100, 200, 300]);
  });

  it('dragged at its fifth line fixes the fundamental five times finer', () => {
    expect(moved(cursor, 5, 536.5)).toEqual({ ...cursor, fundamentalHz: 107.3 });
  });

  it('reads the peaks beside its lines', () => {
    const readings = readFamily({ ...cursor, fundamentalHz: 107 }, family, 2);
    expect(readings.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    for (const [i, expected] of [1, 0.5, 0.3, 0.2, 0.1].entries()) {
      expect(Math.abs(readings[i]!.amplitude / expected - 1)).toBeLessThan(0.1);
    }
    expect(familyAmplitude([3, 4, NaN])).toBe(5);
  });

  it('fits itself to the peaks', () => {
    const fitted = refineHarmonics({ ...cursor, fundamentalHz: 106.6 }, family, 3);
    expect(Math.abs(fitted.fundamentalHz - defect)).toBeLessThan(0.03);
  });
});

describe('a sideband cursor', () => {
  const cursor = { kind: 'sideband', carrierHz: 500, spacingHz: 25, pairs: 2 } as const;

  it('stands on both sides of its carrier', () => {
    expect(members(cursor, 1000).map(({ rank, hz }) => [rank, hz])).toEqual([[-2, 450], [-1, 475], [0, 500], [1, 525], [2, 550]]);
  });

  it('dragged at a sideband changes the spacing, at the carrier moves as a whole', () => {
    expect(moved(cursor, -2, 440)).toMatchObject({ carrierHz: 500, spacingHz: 30 });
    expect(moved(cursor, 0, 510)).toMatchObject({ carrierHz: 510, spacingHz: 25 });
  });

  it('has no line below 0 Hz', () => {
    expect(members({ ...cursor, carrierHz: 30 }, 1000).map(({ rank }) => rank)).toEqual([-1, 0, 1, 2]);
  });

  it('begins with the rate of the shaft as spacing', () => {
    expect(asKind('sideband', 500, { spectrum: family, shaftHz: 24.7, reachHz: 1 })).toMatchObject({ spacingHz: 24.7 });
  });
});

describe('mouse and keys', () => {
  const around = { spectrum: family, shaftHz: 24.7, reachHz: 3 };

  it('put the cursor on the nearest peak, or exactly there', () => {
    expect(placed('single', undefined, 109, false, around)).toMatchObject({ kind: 'single' });
    expect((placed('single', undefined, 109, false, around) as { hz: number }).hz).toBeCloseTo(defect, 1);
    expect(placed('single', undefined, 109, true, around)).toEqual({ kind: 'single', hz: 109 });
  });

  it('grab the line of the family that is near', () => {
    const cursor = { kind: 'harmonic', fundamentalHz: 100, count: 5 } as const;
    expect(grabbed(cursor, 301, 2, 1000)).toBe(3);
    expect(grabbed(cursor, 350, 2, 1000)).toBeUndefined();
  });

  it('move bin by bin and from peak to peak', () => {
    const key = (key: string, shiftKey = false) => afterKey({ key, shiftKey }, { kind: 'single', hz: 150 }, [0, 1000], around);
    expect(key('ArrowRight')).toMatchObject({ hz: 150.5 });
    expect(key('ArrowLeft', true)).toMatchObject({ hz: 145 });
    expect((key('PageUp') as { hz: number }).hz).toBeCloseTo(2 * defect, 0);
    expect(key('Escape')).toBeNull();
    expect(key('x')).toBeUndefined();
  });

  it('cannot be moved out of the spectrum', () => {
    expect(afterKey({ key: 'ArrowLeft', shiftKey: true }, { kind: 'single', hz: 1 }, [0, 10], around)).toMatchObject({ hz: 0 });
  });
});

describe('the cursor in an address', () => {
  it('comes back as it was', () => {
    for (const cursor of [
      { kind: 'single', hz: 12.5 },
      { kind: 'harmonic', fundamentalHz: 107.31, count: 7 },
      { kind: 'sideband', carrierHz: 516.2, spacingHz: 24.66, pairs: 3 },
    ] as const) {
      expect(cursorOf(cursorText(cursor)!)).toEqual(cursor);
    }
  });

  it('that says nothing sensible is none', () => {
    for (const text of ['', 'h:', 'x:12', 'h:-5*3', '1:NaN', null]) expect(cursorOf(text)).toBeUndefined();
  });
});

describe('the amplitude axis', () => {
  it('in dB has decibels, and nothing for 0', () => {
    expect(onAxis(10, 'db')).toBeCloseTo(20, 10);
    expect(onAxis(0, 'log')).toBeNull();
    expect(onAxis(0, 'linear')).toBe(0);
  });

  it('holds what is shown, and at most six decades of it', () => {
    const [lowest, highest] = amplitudeExtent([family], 100, 300);
    expect(highest).toBeGreaterThan(0.9);
    expect(lowest).toBeGreaterThan(0);
    const [floor] = amplitudeRange('log', 1e-12, 1);
    expect(floor).toBeGreaterThan(5e-7);
    expect(amplitudeRange('linear', 0, 0)).toEqual([0, 1]);
  });
});
