// Units of amplitude and frequency that people switch between.

export type Quantity = 'acceleration' | 'velocity' | 'displacement' | 'current' | 'voltage';
export type FrequencyUnit = 'Hz' | 'orders' | 'cpm';

interface AmplitudeUnit {
  quantity: Quantity;
  /** In the SI unit of the quantity. */
  factor: number;
}

const unitTable: Readonly<Record<string, AmplitudeUnit>> = {
  'm/s2': { quantity: 'acceleration', factor: 1 },
  'mm/s2': { quantity: 'acceleration', factor: 1e-3 },
  g: { quantity: 'acceleration', factor: 9.80665 },
  mg: { quantity: 'acceleration', factor: 9.80665e-3 },
  'in/s2': { quantity: 'acceleration', factor: 0.0254 },
  'm/s': { quantity: 'velocity', factor: 1 },
  'mm/s': { quantity: 'velocity', factor: 1e-3 },
  'um/s': { quantity: 'velocity', factor: 1e-6 },
  'in/s': { quantity: 'velocity', factor: 0.0254 },
  m: { quantity: 'displacement', factor: 1 },
  mm: { quantity: 'displacement', factor: 1e-3 },
  um: { quantity: 'displacement', factor: 1e-6 },
  mil: { quantity: 'displacement', factor: 25.4e-6 },
  A: { quantity: 'current', factor: 1 },
  mA: { quantity: 'current', factor: 1e-3 },
  V: { quantity: 'voltage', factor: 1 },
  mV: { quantity: 'voltage', factor: 1e-3 },
};

/** Offered in this order; a trend or a waveform stays in its quantity. */
const offeredUnits: Readonly<Record<Quantity, readonly string[]>> = {
  acceleration: ['m/s2', 'g'],
  velocity: ['mm/s', 'in/s'],
  displacement: ['um', 'mil'],
  current: ['A'],
  voltage: ['V'],
};

/** Units that GetSpectrum and GetWaterfall turn vibration into. */
const vibrationSpectrumUnits: readonly string[] = ['m/s2', 'g', 'mm/s', 'in/s', 'um'];

export function quantityOf(unit: string): Quantity | undefined {
  return unitTable[unit]?.quantity;
}

/** Units that a value in `unit` can be shown in; only itself where it is not known. */
export function alternatives(unit: string): readonly string[] {
  const quantity = quantityOf(unit);
  if (!quantity) return [unit];
  const offered = offeredUnits[quantity];
  return offered.includes(unit) ? offered : [unit, ...offered];
}

/** Units that the server gives the spectrum of such a channel in. */
export function spectrumUnits(channelUnit: string): readonly string[] {
  const quantity = quantityOf(channelUnit);
  if (quantity === 'current' || quantity === 'voltage') return offeredUnits[quantity];
  return vibrationSpectrumUnits;
}

/** What one of `from` is in `to`; 1 where they are not of the same quantity. */
export function unitFactor(from: string, to: string): number {
  const source = unitTable[from];
  const target = unitTable[to];
  if (!source || !target || source.quantity !== target.quantity) return 1;
  return source.factor / target.factor;
}

/** The first of `preferred` that `unit` can be shown in, else `unit`. */
export function preferredUnit(unit: string, preferred: readonly string[]): string {
  const quantity = quantityOf(unit);
  return preferred.find((other) => quantity && quantityOf(other) === quantity) ?? unit;
}

const prettyUnits: Readonly<Record<string, string>> = {
  'm/s2': 'm/s²', 'mm/s2': 'mm/s²', 'in/s2': 'in/s²', um: 'µm', 'um/s': 'µm/s', deg: '°',
};

/** As people write it: m/s², µm. */
export function prettyUnit(unit: string): string {
  return prettyUnits[unit] ?? unit;
}

/** Shown units of one hertz. Orders need the speed; without one they are hertz. */
export function frequencyFactor(unit: FrequencyUnit, speedRpm?: number): number {
  if (unit === 'cpm') return 60;
  if (unit === 'orders' && speedRpm && speedRpm > 0) return 60 / speedRpm;
  return 1;
}

export function frequencyUnits(speedRpm?: number): readonly FrequencyUnit[] {
  return speedRpm && speedRpm > 0 ? ['Hz', 'orders', 'cpm'] : ['Hz', 'cpm'];
}

/** Amplitude in dB re 1 of its unit; what is 0 stands at `floorDb`. */
export function decibels(value: number, floorDb = -200): number {
  return value > 0 ? Math.max(20 * Math.log10(value), floorDb) : floorDb;
}
