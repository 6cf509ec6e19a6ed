// All that a report tells of one machine, read at once so that it stands for one moment.
import { call, type Alarm, type Asset, type AssetHealthReport, type ConditionChange, type Maintenance, type Series, type Site } from '../../api/client';
import { siteOf } from '../../api/names';
import type { Span } from '../../charts/span';

export interface ReportContent {
  /** Seconds since 1970. */
  madeAt: number;
  period: Span;
  site: Site;
  asset: Asset;
  report: AssetHealthReport;
  series: Series[];
  changes: ConditionChange[];
  alarms: Alarm[];
  maintenance: Maintenance[];
}

const pixels = 900;

export async function readReport(name: string, days: number, languageCode: string, signal: AbortSignal): Promise<ReportContent> {
  const report = await call('GetAssetHealth', { name, languageCode }, { signal });
  const newest = Math.max(...(report.points ?? []).map((point) => Date.parse(point.health?.lastMeasuredAt ?? '')).filter(Number.isFinite)) / 1000;
  const madeAt = Date.now() / 1000;
  // Of a machine that has been quiet for long, the time when it spoke.
  const end = Number.isFinite(newest) && madeAt - newest > 86400 ? newest + 600 : madeAt;
  const period: Span = [end - days * 86400, end];
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const times = { startTime: iso(period[0]), endTime: iso(period[1]) };
  const [site, asset, trend, work] = await Promise.all([
    call('GetSite', { name: siteOf(name) }, { signal }),
    call('GetAsset', { name }, { signal }),
    (report.points ?? []).length === 0
      ? undefined
      : call(
          'QueryTrend',
          { name: `${name}/points/-`, series: ['health', 'velocity_rms_mm_s'], ...times, maxPoints: pixels, format: 'NUMBER_FORMAT_OCTETS', alarms: true },
          { signal },
        ),
    call('ListMaintenance', { parent: name, pageSize: 10 }, { signal }),
  ]);
  return {
    madeAt, period, site, asset, report,
    series: trend?.series ?? [],
    changes: trend?.changes ?? [],
    alarms: (trend?.alarms ?? []).filter((alarm) => alarm.asset === name),
    maintenance: work.maintenance ?? [],
  };
}
