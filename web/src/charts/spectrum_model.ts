// A spectrum on its even axis, and what is read off it.

export interface SpectrumAxis {
  startHz: number;
  stepHz: number;
}

export interface SpectrumValues extends SpectrumAxis {
  values: Float32Array;
}

export interface Reading {
  hz: number;
  amplitude: number;
}

/** Index of the value nearest to `hz`, held inside. */
export function indexOf(spectrum: SpectrumValues, hz: number): number {
  const index = Math.round((hz - spectrum.startHz) / spectrum.stepHz);
  return Math.min(Math.max(index, 0), spectrum.values.length - 1);
}

export function frequencyOf(spectrum: SpectrumAxis, index: number): number {
  return spectrum.startHz + index * spectrum.stepHz;
}

export function maxHz(spectrum: SpectrumValues): number {
  return frequencyOf(spectrum, Math.max(spectrum.values.length - 1, 0));
}

export function amplitudeAt(spectrum: SpectrumValues, hz: number): number {
  return spectrum.values[indexOf(spectrum, hz)] ?? NaN;
}

/**
 * The highest value within `halfWidthHz` of `hz`. The frequency is that of the vertex of a parabola through the
 * logarithms of three values where it is a local maximum, so that it is finer than the axis.
 */
export function peakNear(spectrum: SpectrumValues, hz: number, halfWidthHz: number): Reading {
  const { values } = spectrum;
  const first = indexOf(spectrum, hz - halfWidthHz);
  const last = indexOf(spectrum, hz + halfWidthHz);
  let best = first;
  for (let i = first + 1; i <= last; ++i) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  const amplitude = values[best] ?? NaN;
  return { hz: frequencyOf(spectrum, best + vertexOffset(values, best)), amplitude };
}

function vertexOffset(values: Float32Array, i: number): number {
  const left = values[i - 1] ?? 0;
  const middle = values[i] ?? 0;
  const right = values[i + 1] ?? 0;
  if (!(left > 0 && right > 0) || middle < left || middle < right || middle === 0) return 0;
  const [a, b, c] = [Math.log(left), Math.log(middle), Math.log(right)];
  const curvature = a - 2 * b + c;
  return curvature < 0 ? (0.5 * (a - c)) / curvature : 0;
}

/** Indices of local maxima that stand `ratio` times above the median, by frequency. */
export function localMaxima(values: Float32Array, ratio = 3): number[] {
  const floor = median(values) * ratio;
  const found: number[] = [];
  for (let i = 1; i + 1 < values.length; ++i) {
    const value = values[i] ?? 0;
    if (value > floor && value >= (values[i - 1] ?? 0) && value > (values[i + 1] ?? 0)) found.push(i);
  }
  return found;
}

/** The next of the plain peaks beyond `hz`, upwards or downwards; undefined at the end. */
export function nextPeak(spectrum: SpectrumValues, hz: number, upwards: boolean): Reading | undefined {
  const here = (hz - spectrum.startHz) / spectrum.stepHz;
  const maxima = localMaxima(spectrum.values);
  const index = upwards
    ? maxima.find((i) => i > here + 0.75)
    : maxima.reverse().find((i) => i < here - 0.75);
  return index === undefined ? undefined : peakNear(spectrum, frequencyOf(spectrum, index), 0);
}

export function median(values: ArrayLike<number>): number {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** Root of the sum of squares of peak amplitudes: what a family of lines holds together. */
export function familyAmplitude(amplitudes: readonly number[]): number {
  return Math.hypot(...amplitudes.filter(Number.isFinite));
}
