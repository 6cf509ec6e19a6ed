import type { Rescore_State } from '../../api/client';

export type RescoreAction = 'pause' | 'resume' | 'cancel' | 'adopt' | 'revert' | 'delete';

const actions: Partial<Record<Rescore_State, RescoreAction[]>> = {
  STATE_RUNNING: ['pause', 'cancel'],
  STATE_PAUSED: ['resume', 'cancel'],
  STATE_DONE: ['adopt', 'delete'],
  STATE_ADOPTED: ['revert'],
  STATE_CANCELLED: ['delete'],
  STATE_FAILED: ['delete'],
};

/** What can be done with a re-scoring in this state. */
export const mayDo = (state: Rescore_State | undefined): RescoreAction[] => actions[state ?? 'STATE_UNSPECIFIED'] ?? [];
