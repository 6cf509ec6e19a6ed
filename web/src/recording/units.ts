import type { Quantity } from '../api/generated';

/** Units that the server takes, with the quantity that each measures. */
export const unitsOfQuantity: Partial<Record<Quantity, string[]>> = {
  QUANTITY_ACCELERATION: ['g', 'm/s2', 'mm/s2', 'mg', 'in/s2'],
  QUANTITY_VELOCITY: ['mm/s', 'm/s', 'um/s', 'in/s'],
  QUANTITY_DISPLACEMENT: ['um', 'mm', 'm', 'nm', 'mil', 'in'],
  QUANTITY_CURRENT: ['A', 'mA', 'kA'],
  QUANTITY_VOLTAGE: ['V', 'mV', 'kV'],
  QUANTITY_TACHOMETER: ['pulse', 'V'],
};

const spellings: Record<string, string> = {
  'm/s²': 'm/s2',
  'm/s^2': 'm/s2',
  'mm/s²': 'mm/s2',
  'mm/s^2': 'mm/s2',
  'in/s^2': 'in/s2',
  'µm': 'um',
  'μm': 'um',
  ips: 'in/s',
  amp: 'A',
  ampere: 'A',
  volt: 'V',
};

/** Case alone tells none of these apart from another unit, so that it is ignored. */
const symbols = new Map(
  Object.values(unitsOfQuantity)
    .flat()
    .map((symbol) => [symbol.toLowerCase(), symbol]),
);

/** The server's symbol of a unit as people write it; undefined for any other text. */
export function knownUnit(text: string): string | undefined {
  const written = text.trim().toLowerCase();
  return spellings[written] ?? symbols.get(written);
}

export function quantityOf(unit: string): Quantity | undefined {
  const found = Object.entries(unitsOfQuantity).find(([, units]) => units.includes(unit));
  return found?.[0] as Quantity | undefined;
}

const secondsBySymbol: Record<string, number> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  ms: 1e-3,
  us: 1e-6,
  'µs': 1e-6,
  'μs': 1e-6,
  ns: 1e-9,
  min: 60,
};

export function secondsPerUnit(unit: string): number | undefined {
  return secondsBySymbol[unit.trim().toLowerCase()];
}
