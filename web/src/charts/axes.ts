// Axes of uPlot as instruments have them: round numbers, the unit in the title, time in the plant's own zone.
import type uPlot from 'uplot';
import { formatTick } from './numbers';
import type { ChartTheme } from './theme';

export interface AxisForm {
  title: string;
  scale?: string;
  side?: number;
  /** Without grid, of a second scale. */
  plain?: boolean;
  colour?: string;
  values?: uPlot.Axis.Values;
}

export function numberAxis(theme: ChartTheme, form: AxisForm): uPlot.Axis {
  const horizontal = form.scale === undefined || form.scale === 'x';
  return {
    scale: form.scale ?? 'x',
    side: form.side ?? (horizontal ? 2 : 3),
    label: form.title,
    labelSize: 18,
    labelGap: 2,
    labelFont: theme.font.replace(/^11px/, '12px'),
    font: theme.font,
    size: horizontal ? 28 : 52,
    gap: 4,
    stroke: form.colour ?? theme.muted,
    grid: { show: !form.plain, stroke: theme.grid, width: 1 },
    ticks: { stroke: theme.grid, width: 1, size: 5 },
    values: form.values ?? ((_plot, ticks, _axis, _space, step) => ticks.map((tick) => formatTick(tick, step))),
  };
}

/** Ticks of a logarithmic axis: only powers of ten carry a number. */
export function logValues(_plot: uPlot, ticks: (number | null)[]): (string | null)[] {
  return ticks.map((tick) => {
    if (tick === null) return null;
    const power = Math.log10(tick);
    if (Math.abs(power - Math.round(power)) > 1e-6) return null;
    return Math.abs(power) < 4 ? String(Number(tick.toPrecision(3))) : `1e${Math.round(power)}`;
  });
}

const dayS = 86400;

/** Time ticks: the date where it changes, the time of day between. */
export function timeValues(locale: string, timeZone: string): uPlot.Axis.Values {
  const date = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short' });
  const year = new Intl.DateTimeFormat(locale, { timeZone, year: 'numeric' });
  const time = new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const second = new Intl.DateTimeFormat(locale, {
    timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  });
  return (_plot, ticks, _axis, _space, step) => {
    let lastDate = '';
    let lastYear = '';
    return ticks.map((tick) => {
      const moment = new Date(tick * 1000);
      const day = date.format(moment);
      const ofYear = year.format(moment);
      const clock = (step < 60 ? second : time).format(moment);
      const newDay = day !== lastDate;
      const newYear = ofYear !== lastYear;
      lastDate = day;
      lastYear = ofYear;
      if (step >= dayS) return newYear ? `${day}\n${ofYear}` : day;
      return newDay ? `${clock}\n${day}` : clock;
    });
  };
}

export function timeAxis(theme: ChartTheme, locale: string, timeZone: string): uPlot.Axis {
  return { ...numberAxis(theme, { title: '', values: timeValues(locale, timeZone) }), label: undefined, labelSize: 0, size: 40 };
}
