// Spectra of a recording that only the browser has. The server judges; this draws what it judged.

export interface DrawnSpectrum {
  /** Amplitudes (peak) of the bins from 0 to Nyquist. */
  values: Float32Array;
  stepHz: number;
}

/** The longest stretch that is transformed: resolution beyond that no screen shows. */
const mostSamples = 2 ** 16;
/** Below this the envelope would hold the shaft's own vibration, not the impacts it is to show. */
const envelopeLowHz = 500;

/** Complex transform in place, length a power of two; `inverse` without the division by the length. */
export function transform(re: Float64Array, im: Float64Array, inverse = false): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j]!, re[i]!];
    [im[i], im[j]] = [im[j]!, im[i]!];
  }
  for (let size = 2; size <= n; size *= 2) {
    const angle = ((inverse ? 2 : -2) * Math.PI) / size;
    for (let k = 0; k < size / 2; k++) {
      const [c, s] = [Math.cos(angle * k), Math.sin(angle * k)];
      for (let a = k; a < n; a += size) {
        const b = a + size / 2;
        const x = re[b]! * c - im[b]! * s;
        const y = re[b]! * s + im[b]! * c;
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a] = re[a]! + x;
        im[a] = im[a]! + y;
      }
    }
  }
}

/** The first samples, as many as a power of two holds, without their mean; missing ones as the mean. */
function stretchOf(samples: Float32Array): Float64Array {
  const length = 2 ** Math.floor(Math.log2(Math.min(samples.length, mostSamples)));
  const stretch = Float64Array.from(samples.subarray(0, length));
  let sum = 0;
  let present = 0;
  for (const value of stretch) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    present += 1;
  }
  const mean = present ? sum / present : 0;
  return stretch.map((value) => (Number.isFinite(value) ? value - mean : 0));
}

/** Through a Hann window, so that a sine on a bin has its own amplitude. */
export function amplitudeSpectrum(samples: Float32Array, rateHz: number): DrawnSpectrum {
  const re = stretchOf(samples);
  const n = re.length;
  for (let i = 0; i < n; i++) re[i]! *= 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n);
  const im = new Float64Array(n);
  transform(re, im);
  const values = new Float32Array(n / 2 + 1);
  for (let i = 0; i < values.length; i++) values[i] = (4 / n) * Math.hypot(re[i]!, im[i]!);
  return { values, stepHz: rateHz / n };
}

/** Of the squared envelope above 500 Hz: how the strength of the high frequencies comes and goes. */
export function envelopeSpectrum(samples: Float32Array, rateHz: number): DrawnSpectrum {
  const re = stretchOf(samples);
  const n = re.length;
  const im = new Float64Array(n);
  transform(re, im);
  const first = Math.min(Math.ceil((envelopeLowHz / rateHz) * n), n / 4);
  for (let i = 0; i < n; i++) {
    if (i < first || i >= n / 2) re[i] = im[i] = 0;
  }
  transform(re, im, true);
  const squared = Float32Array.from(re, (value, i) => (4 * (value * value + im[i]! * im[i]!)) / n / n);
  return amplitudeSpectrum(squared, rateHz);
}
