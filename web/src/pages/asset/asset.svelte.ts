import {
  asProblem, call, wasAborted,
  type Alarm, type AssetHealthReport, type Baseline, type ConditionChange, type Maintenance, type Problem,
} from '../../api/client';
import { float32Of, secondsOf } from '../../api/octets';
import { follow, type StreamState } from '../../api/stream';
import { language } from '../../i18n/index.svelte';

export interface HealthSeries {
  point: string;
  times: Float64Array;
  values: Float32Array;
  min: Float32Array;
  max: Float32Array;
}

// Records come in bursts: at most one reading of everything in this time.
const settleMs = 3000;
const mostBaselinePoints = 8;

/** One machine: how it is now, and its history of a period. Kept fresh by the stream of its records. */
export class AssetState {
  report = $state.raw<AssetHealthReport | undefined>();
  series = $state.raw<HealthSeries[] | undefined>();
  changes = $state.raw<ConditionChange[]>([]);
  alarms = $state.raw<Alarm[]>([]);
  maintenance = $state.raw<Maintenance[]>([]);
  baselines = $state.raw<Baseline[]>([]);
  problem = $state.raw<Problem | undefined>();
  historyProblem = $state.raw<Problem | undefined>();
  stream = $state<StreamState>('connecting');
  days = $state(30);
  toMs = $state(Date.now());
  readonly fromMs = $derived(this.toMs - this.days * 86_400_000);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly name: string) {}

  /** Follows the machine until the returned function is called; call inside an effect, so that language and period count. */
  start(): () => void {
    const controller = new AbortController();
    void this.#readNow(controller.signal, language.current);
    void this.#readHistory(controller.signal, this.days);
    return () => controller.abort();
  }

  listen(): () => void {
    const leave = follow('WatchTrend', () => ({ name: `${this.name}/points/-`, series: ['health'] }), {
      onMessage: ({ series }) => {
        if (series?.length) this.#timer ??= setTimeout(() => this.reload(), settleMs);
      },
      onState: (state) => (this.stream = state),
    });
    return () => {
      clearTimeout(this.#timer);
      leave();
    };
  }

  reload = (): void => {
    this.#timer = undefined;
    const { signal } = new AbortController();
    void this.#readNow(signal, language.current);
    void this.#readHistory(signal, this.days);
  };

  async #readNow(signal: AbortSignal, languageCode: string): Promise<void> {
    try {
      this.report = await call('GetAssetHealth', { name: this.name, languageCode }, { signal });
      this.problem = undefined;
    } catch (error) {
      if (!wasAborted(error)) this.problem = asProblem(error);
    }
  }

  async #readHistory(signal: AbortSignal, days: number): Promise<void> {
    const toMs = Date.now();
    const startTime = new Date(toMs - days * 86_400_000).toISOString();
    try {
      const [trend, work] = await Promise.all([
        call('QueryTrend', {
          name: `${this.name}/points/-`, series: ['health'], startTime, maxPoints: 400, alarms: true, format: 'NUMBER_FORMAT_OCTETS',
        }, { signal }),
        call('ListMaintenance', { parent: this.name }, { signal }),
      ]);
      this.toMs = toMs;
      this.series = (trend.series ?? []).map((series) => ({
        point: series.source!,
        times: secondsOf(series.timeOctets),
        values: float32Of(series.valueOctets),
        min: float32Of(series.minOctets),
        max: float32Of(series.maxOctets),
      }));
      this.changes = trend.changes ?? [];
      this.alarms = trend.alarms ?? [];
      this.maintenance = work.maintenance ?? [];
      this.historyProblem = undefined;
      await this.#readBaselines(signal);
    } catch (error) {
      if (!wasAborted(error)) this.historyProblem = asProblem(error);
    }
  }

  async #readBaselines(signal: AbortSignal): Promise<void> {
    const points = [...new Set((this.series ?? []).map((series) => series.point))].slice(0, mostBaselinePoints);
    const lists = await Promise.all(points.map((parent) => call('ListBaselines', { parent, pageSize: 20 }, { signal })));
    this.baselines = lists.flatMap((list) => list.baselines ?? []);
  }
}
