import type { Alarm } from '../api/client';
import { follow, type StreamState } from '../api/stream';

type Listener = (alarm: Alarm) => void;

/**
 * Every change of a case, of all sites, by one stream that the pages share: it opens with the first listener and closes
 * with the last. It begins with every open case; a new connection after a break with what changed meanwhile.
 */
class AlarmNews {
  state = $state<StreamState>('connecting');
  #listeners = new Set<Listener>();
  #leave: (() => void) | undefined;

  /** Until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#leave ??= follow('WatchAlarms', () => ({ parent: 'sites/-' }), {
      onMessage: ({ alarm }) => {
        if (alarm) for (const told of this.#listeners) told(alarm);
      },
      onState: (state) => (this.state = state),
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#leave?.();
      this.#leave = undefined;
    };
  }
}

export const alarmNews = new AlarmNews();
