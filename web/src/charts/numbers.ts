// Numbers as instruments show them: enough digits to tell values apart, not more.

const minusSign = '−';

/** Four significant digits unless told, powers of ten beyond what can be read at a glance; "–" for what is not known. */
export function formatValue(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-4 ? scientific(value, digits) : plain(value, digits);
  return text.replace('-', minusSign);
}

function plain(value: number, digits: number): string {
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.min(Math.max(digits - 1 - magnitude, 0), 8);
  return value.toFixed(decimals);
}

function scientific(value: number, digits: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(Math.max(digits - 2, 0)).split('e');
  const raised = [...exponent.replace('+', '')].map((c) => superscripts[c] ?? c).join('');
  return `${mantissa}·10${raised}`;
}

const superscripts: Readonly<Record<string, string>> = {
  '-': '⁻', '0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴', '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹',
};

/** Frequency with the digits that the resolution of the record carries. */
export function formatFrequency(value: number, resolution: number): string {
  if (!Number.isFinite(value)) return '–';
  const decimals = resolution > 0 ? Math.ceil(-Math.log10(resolution)) + 1 : 2;
  return value.toFixed(Math.min(Math.max(decimals, 0), 5)).replace('-', minusSign);
}

export function formatSigned(value: number, digits = 4): string {
  return value > 0 ? `+${formatValue(value, digits)}` : formatValue(value, digits);
}

const roundSteps = [1, 2, 2.5, 5, 10];

/** Round numbers within [low, high], about `count` of them. */
export function niceTicks(low: number, high: number, count: number): number[] {
  if (!(high > low) || count < 1) return [];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (roundSteps.find((s) => s * power >= raw * 0.9999) ?? 10);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) ticks.push(i * step);
  return ticks.map((tick) => Number(tick.toPrecision(12)));
}

/** As many decimals as tell neighbouring ticks apart. */
export function formatTick(value: number, step: number): string {
  const decimals = step > 0 ? Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)) : 0;
  const needed = Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 ? decimals + 1 : decimals;
  return value.toFixed(Math.min(needed, 8)).replace('-', minusSign);
}
