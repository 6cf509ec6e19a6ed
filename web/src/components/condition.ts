import type { Condition } from '../api/client';

/** Colour family of a condition in tokens.css: var(--alarm), var(--alarm-soft). */
export type Tone = 'alarm' | 'alert' | 'watch' | 'normal' | 'learning' | 'quiet';

const tones: Partial<Record<Condition, Tone>> = {
  CONDITION_ALARM: 'alarm',
  CONDITION_ALERT: 'alert',
  CONDITION_WATCH: 'watch',
  CONDITION_NORMAL: 'normal',
  CONDITION_LEARNING: 'learning',
  CONDITION_STARTING: 'learning',
};

export const toneOf = (condition: Condition | undefined): Tone => tones[condition ?? 'CONDITION_UNSPECIFIED'] ?? 'quiet';

/** Worst first, as the server sorts the fleet: what is ill, what is not known, what is well. */
export const conditionOrder: Condition[] = [
  'CONDITION_ALARM',
  'CONDITION_ALERT',
  'CONDITION_WATCH',
  'CONDITION_STALE',
  'CONDITION_UNSCORABLE',
  'CONDITION_NO_DATA',
  'CONDITION_LEARNING',
  'CONDITION_STARTING',
  'CONDITION_STOPPED',
  'CONDITION_NORMAL',
];

export const rankOf = (condition: Condition | undefined): number => {
  const rank = conditionOrder.indexOf(condition ?? 'CONDITION_UNSPECIFIED');
  return rank < 0 ? conditionOrder.length : rank;
};

/** True where something is to be done about the machine. */
export const isIll = (condition: Condition | undefined): boolean => rankOf(condition) <= 2;
