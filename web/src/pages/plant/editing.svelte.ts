import { asProblem, type Problem } from '../../api/client';
import { announcer } from '../../state/announcer.svelte';
import { t } from './texts';

const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** One resource on its way from what the server has to what a person wants it to be. */
export class Editing<T extends { etag?: string }> {
  /** What the form shows; absent until it is loaded. */
  draft = $state<T | undefined>();
  problem = $state.raw<Problem | undefined>();
  busy = $state(false);
  #stored = $state.raw<T | undefined>();
  readonly changed = $derived(JSON.stringify(this.draft) !== JSON.stringify(this.#stored));
  /** Somebody else saved meanwhile. */
  readonly conflict = $derived(this.problem?.code === 'ABORTED');

  constructor(
    private readonly read: () => Promise<T>,
    private readonly write: (draft: T) => Promise<T>,
  ) {
    void this.load();
  }

  /** Takes what the server has; what was typed is gone. */
  load = (): Promise<void> => this.#attempt(async () => this.#take(await this.read()));

  save = (): Promise<void> =>
    this.#attempt(async () => {
      this.#take(await this.write(copyOf(this.draft!)));
      announcer.say(t('saved'));
    });

  /** After a conflict: saves what stands here over what somebody else saved. */
  overwrite = (): Promise<void> =>
    this.#attempt(async () => {
      const { etag } = await this.read();
      this.#take(await this.write({ ...copyOf(this.draft!), etag }));
      announcer.say(t('saved'));
    });

  discard = (): void => {
    this.draft = copyOf(this.#stored);
    this.problem = undefined;
  };

  #take(value: T): void {
    this.#stored = value;
    this.draft = copyOf(value);
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.problem = undefined;
    try {
      await action();
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.busy = false;
    }
  }
}
