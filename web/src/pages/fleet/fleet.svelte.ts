import { asProblem, call, pages, wasAborted, type AssetHealthReport, type Problem } from '../../api/client';
import { rankOf } from '../../components/condition';
import { alarmNews } from '../../state/alarm_news.svelte';

// So many are enough for the first screen; the rest follows.
const firstPage = 60;
const nextPages = 1000;
// Of changes within this time, one answer: a new connection begins with every open case.
const settleMs = 400;
const mostSingles = 8;
const refreshMs = 60_000;

const worstFirst = (a: AssetHealthReport, b: AssetHealthReport): number =>
  rankOf(a.health?.condition) - rankOf(b.health?.condition) ||
  (a.health?.index ?? 101) - (b.health?.index ?? 101) ||
  (a.name! < b.name! ? -1 : 1);

/** The health of every machine, worst first, kept fresh by the stream of alarms and once a minute. */
export class Fleet {
  assets = $state.raw<AssetHealthReport[]>([]);
  problem = $state.raw<Problem | undefined>();
  /** The first screen is there; `complete`: all of it is. */
  loaded = $state(false);
  complete = $state(false);
  refreshedMs = $state(0);
  #byName = new Map<string, AssetHealthReport>();
  #changed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller = new AbortController();

  /** Until the returned function is called. */
  start(): () => void {
    void this.refresh();
    const every = setInterval(() => document.hidden || void this.refresh(), refreshMs);
    const leave = alarmNews.listen((alarm) => alarm.asset && this.#hear(alarm.asset));
    return () => {
      clearInterval(every);
      clearTimeout(this.#timer);
      leave();
      this.#controller.abort();
    };
  }

  refresh = async (): Promise<void> => {
    const signal = this.#controller.signal;
    try {
      const first = await call('ListAssetHealth', { parent: 'sites/-', pageSize: this.complete ? nextPages : firstPage }, { signal });
      const found = new Map((first.assets ?? []).map((asset) => [asset.name!, asset]));
      if (!this.loaded) this.#show(found);
      this.loaded = true;
      if (first.nextPageToken) {
        const rest = { parent: 'sites/-', pageSize: nextPages, pageToken: first.nextPageToken };
        for await (const page of pages('ListAssetHealth', rest, { signal })) {
          for (const asset of page.assets ?? []) found.set(asset.name!, asset);
        }
      }
      this.#show(found);
      this.complete = true;
      this.problem = undefined;
      this.refreshedMs = Date.now();
    } catch (error) {
      if (!wasAborted(error)) this.problem = asProblem(error);
    }
  };

  #show(byName: Map<string, AssetHealthReport>): void {
    this.#byName = byName;
    this.assets = [...byName.values()].sort(worstFirst);
  }

  #hear(asset: string): void {
    this.#changed.add(asset);
    this.#timer ??= setTimeout(() => void this.#catchUp(), settleMs);
  }

  async #catchUp(): Promise<void> {
    const names = [...this.#changed];
    this.#changed.clear();
    this.#timer = undefined;
    if (!this.complete) return;
    if (names.length > mostSingles) return this.refresh();
    const signal = this.#controller.signal;
    const answers = await Promise.allSettled(names.map((name) => call('GetAssetHealth', { name }, { signal })));
    const byName = new Map(this.#byName);
    for (const answer of answers) {
      if (answer.status === 'fulfilled') byName.set(answer.value.name!, answer.value);
    }
    this.#show(byName);
    this.refreshedMs = Date.now();
  }
}
