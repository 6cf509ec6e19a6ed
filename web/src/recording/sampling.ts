import type { Problem } from './recording';

/** What a column of times says of the sampling. */
export interface Sampling {
  /** 0: nothing can be said. */
  sampleRateHz: number;
  problem?: Problem;
}

function median(values: Float64Array): number {
  return Float64Array.from(values).sort()[Math.floor(values.length / 2)]!;
}

/** Several rows share each tick of the clock. */
function coarseClock(ticks: number[], rows: number[]): Sampling {
  if (ticks.length < 3) return { sampleRateHz: 0, problem: { key: 'timeTooCoarse', values: { ticks: ticks.length } } };
  const inner = rows.slice(1, -1); // the first and the last tick may be cut
  const count = inner.reduce((sum, n) => sum + n, 0);
  const sampleRateHz = count / (ticks.at(-1)! - ticks[1]!);
  const [fewest, most] = [Math.min(...inner), Math.max(...inner)];
  if (most - fewest <= 2) return { sampleRateHz };
  return { sampleRateHz, problem: { key: 'timeUneven' } };
}

function fineClock(times: ArrayLike<number>): Sampling {
  const steps = new Float64Array(times.length - 1);
  for (let i = 0; i < steps.length; i++) steps[i] = times[i + 1]! - times[i]!;
  const mean = (times[times.length - 1]! - times[0]!) / steps.length;
  const usual = median(steps);
  const sampleRateHz = 1 / mean;
  // Times are often rounded, so that a step may be off by much of itself; two steps are not.
  const gap = steps.findIndex((step) => step > 2.5 * usual);
  if (gap >= 0) {
    const values = { sample: gap + 1, gap_s: Number(steps[gap]!.toPrecision(4)) };
    return { sampleRateHz, problem: { key: 'timeGap', values } };
  }
  if (Math.abs(mean / usual - 1) > 0.25) return { sampleRateHz, problem: { key: 'timeUneven' } };
  return { sampleRateHz };
}

/** From the times of the samples in seconds. */
export function samplingOf(times: ArrayLike<number>): Sampling {
  const ticks: number[] = [];
  const rows: number[] = [];
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    if (!Number.isFinite(time)) return { sampleRateHz: 0, problem: { key: 'timeMissing', values: { sample: i } } };
    const last = ticks.at(-1);
    if (last !== undefined && time < last) {
      return { sampleRateHz: 0, problem: { key: 'timeJumpsBack', values: { sample: i } } };
    }
    if (last === undefined || time > last) {
      ticks.push(time);
      rows.push(0);
    }
    rows[rows.length - 1]!++;
  }
  if (times.length < 2) return { sampleRateHz: 0 };
  return ticks.length * 3 < times.length * 2 ? coarseClock(ticks, rows) : fineClock(times);
}
