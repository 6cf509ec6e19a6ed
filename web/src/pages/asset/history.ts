import type { Alarm, Baseline, Condition, ConditionChange, Fault, Maintenance } from '../../api/client';
import { rankOf } from '../../components/condition';

/** Something that happened to a machine and belongs on its picture. */
export interface HistoryEvent {
  key: string;
  timeMs: number;
  kind: 'condition' | 'alarm' | 'alarm_closed' | 'maintenance' | 'baseline';
  point?: string;
  from?: Condition;
  condition?: Condition;
  fault?: Fault;
  text?: string;
  actor?: string;
  version?: number;
  href?: string;
}

export interface Sources {
  changes: ConditionChange[];
  alarms: Alarm[];
  maintenance: Maintenance[];
  baselines: Baseline[];
}

/** Newest first. */
export function eventsOf({ changes, alarms, maintenance, baselines }: Sources): HistoryEvent[] {
  const events: HistoryEvent[] = [
    ...changes.map((change): HistoryEvent => ({
      key: `c ${change.point} ${change.time}`,
      timeMs: Date.parse(change.time!),
      kind: 'condition',
      point: change.point,
      from: change.from,
      condition: change.to,
      fault: change.verdict,
    })),
    ...alarms.flatMap((alarm): HistoryEvent[] => {
      const shared = { condition: alarm.worstCondition, fault: alarm.fault, href: `#/${alarm.name}` };
      const opened: HistoryEvent = { ...shared, key: `a ${alarm.name}`, timeMs: Date.parse(alarm.openTime!), kind: 'alarm' };
      if (!alarm.closeTime) return [opened];
      const closed: HistoryEvent = { ...shared, key: `z ${alarm.name}`, timeMs: Date.parse(alarm.closeTime), kind: 'alarm_closed' };
      return [opened, closed];
    }),
    ...maintenance.map((work): HistoryEvent => ({
      key: `m ${work.name}`,
      timeMs: Date.parse(work.performedAt ?? work.createTime!),
      kind: 'maintenance',
      text: work.description,
      actor: work.actor,
    })),
    ...baselines.map((baseline): HistoryEvent => ({
      key: `b ${baseline.name}`,
      timeMs: Date.parse(baseline.learntTo!),
      kind: 'baseline',
      point: baseline.name!.split('/').slice(0, 6).join('/'),
      version: baseline.version,
      text: baseline.origin,
    })),
  ];
  return events.sort((a, b) => b.timeMs - a.timeMs);
}

export interface Stretch {
  fromMs: number;
  toMs: number;
  condition: Condition;
}

/** The condition of a machine over a period: that of its worst point at each time. `now`: the points as they are. */
export function conditionStretches(
  changes: ConditionChange[],
  now: Map<string, Condition>,
  fromMs: number,
  toMs: number,
): Stretch[] {
  const sorted = [...changes].sort((a, b) => Date.parse(a.time!) - Date.parse(b.time!));
  const at = new Map(now);
  for (const change of [...sorted].reverse()) at.set(change.point!, change.from ?? 'CONDITION_UNSPECIFIED');
  const worst = (): Condition =>
    [...at.values()].sort((a, b) => rankOf(a) - rankOf(b))[0] ?? 'CONDITION_UNSPECIFIED';
  const stretches: Stretch[] = [{ fromMs, toMs, condition: worst() }];
  for (const change of sorted) {
    at.set(change.point!, change.to ?? 'CONDITION_UNSPECIFIED');
    const last = stretches.at(-1)!;
    const condition = worst();
    if (condition === last.condition) continue;
    last.toMs = Date.parse(change.time!);
    stretches.push({ fromMs: last.toMs, toMs, condition });
  }
  return stretches.filter((stretch) => stretch.toMs > stretch.fromMs);
}
