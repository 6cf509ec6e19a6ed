// A shown part of an axis, moved and zoomed but always inside what there is.

export type Span = readonly [low: number, high: number];

/** Zoomed by `factor` (below 1: closer) about a place given as a share of the span; never narrower than `narrowest`. */
export function zoomSpan([low, high]: Span, factor: number, about: number, [floor, ceiling]: Span, narrowest: number): Span {
  const whole = ceiling - floor;
  const length = Math.min(Math.max((high - low) * factor, Math.min(narrowest, whole)), whole);
  const pivot = low + about * (high - low);
  const start = Math.min(Math.max(pivot - about * length, floor), ceiling - length);
  return [start, start + length];
}

/** Moved by a share of itself. */
export function shiftSpan([low, high]: Span, share: number, [floor, ceiling]: Span): Span {
  const wanted = share * (high - low);
  const offset = Math.min(Math.max(wanted, floor - low), ceiling - high);
  return [low + offset, high + offset];
}

/** `span` in order, inside the limits and not narrower than `narrowest`. */
export function fitSpan([a, b]: Span, limits: Span, narrowest: number): Span {
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  return zoomSpan([low, Math.max(high, low + Number.EPSILON)], 1, 0.5, limits, narrowest);
}

export function sameSpan(a: Span, b: Span): boolean {
  const tolerance = 1e-9 * Math.max(Math.abs(a[1] - a[0]), Math.abs(b[1] - b[0]));
  return Math.abs(a[0] - b[0]) <= tolerance && Math.abs(a[1] - b[1]) <= tolerance;
}
