import { asProblem, wasAborted, type Problem } from '../api/client';

/** What a page has loaded, is loading, or failed to load. Old data stays while new is on its way. */
export class Loaded<T> {
  data = $state.raw<T | undefined>();
  problem = $state.raw<Problem | undefined>();
  loading = $state(true);
  #round = $state(0);

  /**
   * Made while a component initialises. `load` runs at once and again whenever something reactive changes that it read
   * before its first await; a run that is overtaken is aborted.
   */
  constructor(load: (signal: AbortSignal) => Promise<T>) {
    $effect(() => {
      void this.#round;
      const controller = new AbortController();
      this.loading = true;
      load(controller.signal).then(
        (data) => {
          if (controller.signal.aborted) return;
          this.data = data;
          this.problem = undefined;
          this.loading = false;
        },
        (error: unknown) => {
          if (controller.signal.aborted || wasAborted(error)) return;
          this.problem = asProblem(error);
          this.loading = false;
        },
      );
      return () => controller.abort();
    });
  }

  reload = (): void => {
    this.#round += 1;
  };
}
