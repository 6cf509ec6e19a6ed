import { SvelteMap } from 'svelte/reactivity';
import { call, type AssetHealthReport } from '../../api/client';
import { siteOf } from '../../api/names';
import { float32Of, secondsOf } from '../../api/octets';

export interface Trend {
  times: ArrayLike<number>;
  values: ArrayLike<number>;
}

const periodS = 30 * 86_400;
const settleMs = 60;
// Names in one address.
const mostNames = 25;

/** Health of the last 30 days of the points that decide, fetched as their machines come into sight. */
export class Sparklines {
  readonly to = Date.now() / 1000;
  readonly from = this.to - periodS;
  #trends = new SvelteMap<string, Trend>();
  #asked = new Set<string>();
  #wanted = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  of(point: string | undefined): Trend | undefined {
    return point ? this.#trends.get(point) : undefined;
  }

  want(assets: AssetHealthReport[]): void {
    for (const { health } of assets) {
      if (health?.worstPoint && !this.#asked.has(health.worstPoint)) this.#wanted.add(health.worstPoint);
    }
    if (this.#wanted.size > 0) this.#timer ??= setTimeout(() => this.#fetch(), settleMs);
  }

  #fetch(): void {
    this.#timer = undefined;
    const bySite = new Map<string, string[]>();
    for (const point of this.#wanted) {
      this.#asked.add(point);
      bySite.set(siteOf(point), [...(bySite.get(siteOf(point)) ?? []), point]);
    }
    this.#wanted.clear();
    for (const [site, points] of bySite) {
      for (let at = 0; at < points.length; at += mostNames) void this.#fetchSome(site, points.slice(at, at + mostNames));
    }
  }

  async #fetchSome(name: string, names: string[]): Promise<void> {
    try {
      const startTime = new Date(this.from * 1000).toISOString();
      const answer = await call('QueryTrend', {
        name, names, series: ['health'], startTime, maxPoints: 60, pageSize: mostNames, format: 'NUMBER_FORMAT_OCTETS',
      });
      for (const series of answer.series ?? []) {
        this.#trends.set(series.source!, { times: secondsOf(series.timeOctets), values: float32Of(series.valueOctets) });
      }
    } catch {
      // The number beside it says how it is; asked again when it next comes into sight.
      for (const point of names) this.#asked.delete(point);
    }
  }
}
