// What the trend tab asks the server for.
import { call, type Alarm, type ConditionChange, type Maintenance, type Point, type PointLimits, type QueryTrendResponse } from '../../api/client';
import { assetOf } from '../../api/names';
import type { Span } from '../../charts/span';
import type { PointAddress } from './point_address';

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const beforeEverything = Date.UTC(1990, 0, 1) / 1000;
const staleS = 86400;

/** The end of periods that go back from now; from the last record where the point has been quiet for long. */
export function endOf(point: Point, nowS: number): number {
  const last = Date.parse(point.health?.lastMeasuredAt ?? '') / 1000;
  return Number.isFinite(last) && nowS - last > staleS ? last + 600 : nowS;
}

/** Seconds since 1970. "all" begins before any record; the answer tells where the records do. */
export function periodSpan(period: PointAddress['period'], point: Point, nowS: number): Span {
  if (typeof period === 'object') return period;
  const end = endOf(point, nowS);
  return period === 'all' ? [beforeEverything, end] : [end - period, end];
}

export interface TrendAnswer {
  response: QueryTrendResponse;
  /** The same series of an earlier period. */
  earlier?: QueryTrendResponse;
}

export interface TrendQuestion {
  point: string;
  overlay: readonly string[];
  series: readonly string[];
  span: Span;
  compareS?: number;
  pixels: number;
}

export async function askTrend(question: TrendQuestion, signal: AbortSignal): Promise<TrendAnswer> {
  const ask = ([start, end]: Span, alarms: boolean) =>
    call(
      'QueryTrend',
      {
        name: question.point,
        names: [...question.overlay],
        series: [...question.series],
        startTime: iso(start),
        endTime: iso(end),
        maxPoints: Math.min(Math.max(Math.round(question.pixels), 100), 10000),
        format: 'NUMBER_FORMAT_OCTETS',
        alarms,
      },
      { signal },
    );
  const { span, compareS } = question;
  const [response, earlier] = await Promise.all([
    ask(span, true),
    compareS ? ask([span[0] - compareS, span[1] - compareS], false) : undefined,
  ]);
  return { response, earlier };
}

/** Work on the machine of a point, latest first. */
export async function maintenanceOf(point: string, signal: AbortSignal): Promise<Maintenance[]> {
  return (await call('ListMaintenance', { parent: assetOf(point), pageSize: 100 }, { signal })).maintenance ?? [];
}

/** Alarm cases that concern the point. */
export const alarmsOf = (alarms: readonly Alarm[], point: string): Alarm[] =>
  alarms.filter((alarm) => (alarm.points ?? []).length === 0 || alarm.points?.includes(point));

/** Condition of the point over the period: from its changes, and from what it is now where there were none. */
export function conditionSpans(changes: readonly ConditionChange[], point: Point, span: Span) {
  const own = changes.filter((change) => change.point === point.name);
  const last = Date.parse(point.health?.lastMeasuredAt ?? '') / 1000;
  const end = Math.min(span[1], Number.isFinite(last) ? Math.max(last, span[0]) : span[1]);
  const times = own.map((change) => Date.parse(change.time ?? '') / 1000);
  const conditions = [own[0]?.from ?? point.health?.condition ?? 'CONDITION_UNSPECIFIED', ...own.map((change) => change.to ?? 'CONDITION_UNSPECIFIED')];
  return conditions.map((condition, i) => ({ condition, from: times[i - 1] ?? span[0], to: times[i] ?? end }));
}

export interface ZoneLimits {
  zone: 'A' | 'B' | 'C' | 'D';
  from: number;
  to: number;
}

/** ISO 20816-3 zones, bounded by three limits. */
export function zonesOf(limits: PointLimits): ZoneLimits[] {
  const bounds = limits.zoneLimitsMmS ?? [];
  if (bounds.length !== 3) return [];
  const names = ['A', 'B', 'C', 'D'] as const;
  return names.map((zone, i) => ({ zone, from: bounds[i - 1] ?? 0, to: bounds[i] ?? Infinity }));
}
