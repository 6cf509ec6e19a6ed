import {
  asProblem, call, wasAborted,
  type Alarm, type AlarmKind, type AlarmStatistics, type ListAlarmsRequest_State, type Problem,
} from '../../api/client';
import { t as common } from '../../i18n/words';
import { alarmNews } from '../../state/alarm_news.svelte';
import { t } from './texts';

export const states = ['open', 'shelved', 'without', 'closed', 'all'] as const;
export type StateChoice = (typeof states)[number];

const stateOf: Record<StateChoice, ListAlarmsRequest_State> = {
  open: 'STATE_OPEN',
  shelved: 'STATE_SHELVED',
  without: 'STATE_WITHOUT_FINDING',
  closed: 'STATE_CLOSED',
  all: 'STATE_ALL',
};

export interface Selection {
  state: StateChoice;
  /** "sites/demo", or "sites/-". */
  parent: string;
  kind?: AlarmKind;
  asset?: string;
}

const settleMs = 500;
const pageSize = 100;

/** What a case is about, in a few words. */
export function caseTitle(alarm: Alarm): string {
  if (alarm.kind === 'ALARM_KIND_SENSOR') return t('title_sensor');
  if (alarm.kind === 'ALARM_KIND_MISSING_DATA') return t('title_missing');
  if (alarm.kind === 'ALARM_KIND_PROCESS') return t('title_process');
  return common(alarm.fault && alarm.fault !== 'FAULT_UNSPECIFIED' ? alarm.fault : 'FAULT_OTHER');
}

/** The cases of a selection and how good they were, kept fresh by the stream of their changes. */
export class Cases {
  alarms = $state.raw<Alarm[]>([]);
  statistics = $state.raw<AlarmStatistics | undefined>();
  problem = $state.raw<Problem | undefined>();
  loaded = $state(false);
  /** Counts changes that were told: whoever shows one case reads it again. */
  changes = $state(0);
  nextPageToken = $state('');
  #selection: Selection = { state: 'open', parent: 'sites/-' };
  #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows another selection. */
  select(selection: Selection): void {
    this.#selection = selection;
    this.loaded = false;
    void this.#read();
  }

  listen(): () => void {
    const leave = alarmNews.listen(() => {
      this.#timer ??= setTimeout(() => this.reload(), settleMs);
    });
    return () => {
      clearTimeout(this.#timer);
      this.#controller.abort();
      leave();
    };
  }

  reload = (): void => {
    this.#timer = undefined;
    this.changes += 1;
    void this.#read();
  };

  more = async (): Promise<void> => {
    try {
      const page = await call('ListAlarms', { ...this.#request(), pageToken: this.nextPageToken });
      this.alarms = [...this.alarms, ...(page.alarms ?? [])];
      this.nextPageToken = page.nextPageToken ?? '';
    } catch (error) {
      this.problem = asProblem(error);
    }
  };

  #request() {
    const { state, parent, kind, asset } = this.#selection;
    return { parent, state: stateOf[state], kinds: kind ? [kind] : [], asset, pageSize };
  }

  async #read(): Promise<void> {
    this.#controller.abort();
    const controller = (this.#controller = new AbortController());
    const { signal } = controller;
    try {
      const [list, statistics] = await Promise.all([
        call('ListAlarms', this.#request(), { signal }),
        call('GetAlarmStatistics', { parent: this.#selection.parent }, { signal }),
      ]);
      this.alarms = list.alarms ?? [];
      this.nextPageToken = list.nextPageToken ?? '';
      this.statistics = statistics;
      this.problem = undefined;
      this.loaded = true;
    } catch (error) {
      if (!wasAborted(error)) this.problem = asProblem(error);
    }
  }
}
