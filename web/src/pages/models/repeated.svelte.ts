import { Loaded } from '../../state/loaded.svelte';

const pauseMs = 1500;

/** Loads again and again while `underWay` says of what came that something is still going on. */
export class Repeated<T> extends Loaded<T> {
  constructor(load: (signal: AbortSignal) => Promise<T>, underWay: (data: T) => boolean) {
    super(load);
    $effect(() => {
      if (this.loading || this.data === undefined || !underWay(this.data)) return;
      const timer = setTimeout(this.reload, pauseMs);
      return () => clearTimeout(timer);
    });
  }
}
