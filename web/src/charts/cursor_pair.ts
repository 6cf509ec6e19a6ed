// Two cursors on an axis of samples, moved by keys.
import { nearestIndex } from './trend_model';
import type { Span } from './span';

export interface CursorPair {
  a?: number;
  b?: number;
  /** Which of them the keys move. */
  active: 0 | 1;
}

/** A click at `x`: sets A, then B, then moves the one that was moved last. */
export function placePair(cursors: CursorPair, x: number): CursorPair {
  const which = cursors.a === undefined ? 0 : cursors.b === undefined ? 1 : cursors.active;
  return movePair({ ...cursors, active: which }, x);
}

/** Which of them stands within `tolerance` of `x`. */
export function grabPair(cursors: CursorPair, x: number, tolerance: number): 0 | 1 | undefined {
  const near = (at: number | undefined): boolean => at !== undefined && Math.abs(at - x) <= tolerance;
  return near(cursors.a) ? 0 : near(cursors.b) ? 1 : undefined;
}

interface Key {
  key: string;
  shiftKey: boolean;
}

/** The cursors after a key, or undefined where the key is none of theirs. `positions` rise. */
export function stepCursors(cursors: CursorPair, event: Key, positions: ArrayLike<number>, view: Span): CursorPair | undefined {
  const middle = (view[0] + view[1]) / 2;
  switch (event.key) {
    case 'a':
    case 'A':
      return { ...cursors, a: cursors.a ?? middle, active: 0 };
    case 'b':
    case 'B':
      return { ...cursors, b: cursors.b ?? middle, active: 1 };
    case 'Escape':
      return cursors.a === undefined && cursors.b === undefined ? undefined : { active: 0 };
    case 'ArrowLeft':
    case 'ArrowRight':
    case 'Home':
    case 'End':
      return movePair(cursors, targetOf(cursors, event, positions, view));
    default:
      return undefined;
  }
}

/** The active cursor at another place. */
export function movePair(cursors: CursorPair, to: number): CursorPair {
  return cursors.active === 0 ? { ...cursors, a: to } : { ...cursors, b: to };
}

function targetOf(cursors: CursorPair, event: Key, positions: ArrayLike<number>, view: Span): number {
  const at = (cursors.active === 0 ? cursors.a : cursors.b) ?? (view[0] + view[1]) / 2;
  const values = Float64Array.from(positions);
  const index = nearestIndex(values, at);
  if (index === undefined) return at;
  const steps = (event.shiftKey ? 10 : 1) * (event.key === 'ArrowLeft' ? -1 : 1);
  const wanted = event.key === 'Home' ? 0 : event.key === 'End' ? values.length - 1 : index + steps;
  return values[Math.min(Math.max(wanted, 0), values.length - 1)] ?? at;
}
