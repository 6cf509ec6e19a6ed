// What stands around the lines of a trend: zones, limits, alarms, conditions, events, cursors.
import type { Condition } from '../api/client';
import { toneOf } from '../components/condition';
import { clipped, label, strokeLine, type Overlay, type Surface } from './surface';
import { faded } from './theme';

export interface ZoneBand {
  zone: 'A' | 'B' | 'C' | 'D';
  from: number;
  to: number;
  text: string;
}

/** ISO 20816-3 zones on the scale of velocity. */
export function zoneOverlay(scale: string, zones: readonly ZoneBand[]): Overlay {
  return {
    behind: (surface) =>
      clipped(surface, (context) => {
        for (const { zone, from, to } of zones) {
          const top = Number.isFinite(to) ? surface.y(to, scale) : surface.top;
          context.fillStyle = faded(surface.theme.zone[zone], 0.09);
          context.fillRect(surface.left, top, surface.width, surface.y(from, scale) - top);
        }
      }),
    front: (surface) =>
      clipped(surface, () => {
        for (const { zone, from, to, text } of zones) {
          const y = surface.y(from, scale);
          const colour = surface.theme.zone[zone];
          if (from > 0) {
            strokeLine(surface, [surface.left, y], [surface.left + surface.width, y], { colour: faded(colour, 0.6), width: 1 });
          }
          const top = Math.max(Number.isFinite(to) ? surface.y(to, scale) : surface.top, surface.top);
          const bottom = Math.min(y, surface.top + surface.height);
          if (bottom - top < 14 * surface.ratio) continue;
          label(surface, text, [surface.left + 6 * surface.ratio, bottom - 8 * surface.ratio], { colour });
        }
      }),
  };
}

export interface LimitLine {
  value: number;
  tone: 'alert' | 'alarm';
  text: string;
  scale: string;
}

/** Limits that people set, dashed, each named at its right end. One above the picture is told at its edge. */
export function limitOverlay(limits: readonly LimitLine[]): Overlay {
  return {
    front: (surface) => {
      let above = 0;
      for (const { value, tone, text, scale } of limits) {
        const { left, width, top, height, ratio, theme } = surface;
        const colour = theme.tone[tone] ?? theme.text;
        const y = surface.y(value, scale);
        if (y > top + height) continue;
        const at: [number, number] = [left + width - 6 * ratio, Math.max(y - 8 * ratio, top + (8 + 14 * above) * ratio)];
        if (y >= top) strokeLine(surface, [left, y], [left + width, y], { colour, width: 1.5, dash: [6, 4] });
        else above += 1;
        label(surface, y >= top ? text : `${text} ↑`, at, { colour, align: 'right', bold: true });
      }
    },
  };
}

export interface ConditionSpan {
  from: number;
  to: number;
  condition: Condition;
}

const ribbonPixels = 6;

/** A ribbon below the lines, a colour for each condition; its beginnings carry a tick. */
export function conditionOverlay(spans: readonly ConditionSpan[]): Overlay {
  return {
    front: (surface) =>
      clipped(surface, (context) => {
        const { theme, ratio, top, height } = surface;
        const y = top + height - ribbonPixels * ratio;
        for (const { from, to, condition } of spans) {
          const left = surface.x(from);
          context.fillStyle = theme.tone[toneOf(condition)] ?? theme.muted;
          context.fillRect(left, y, Math.max(surface.x(to) - left, ratio), ribbonPixels * ratio);
          context.fillStyle = theme.background;
          context.fillRect(left, y, ratio, ribbonPixels * ratio);
        }
      }),
  };
}

export interface AlarmSpan {
  from: number;
  to: number;
  tone: 'alert' | 'alarm';
  text: string;
}

/** Open cases: the time they lasted, shaded, with their name at the top. */
export function alarmOverlay(alarms: readonly AlarmSpan[]): Overlay {
  return {
    behind: (surface) =>
      clipped(surface, (context) => {
        for (const { from, to, tone } of alarms) {
          const left = surface.x(from);
          context.fillStyle = faded(surface.theme.tone[tone] ?? surface.theme.muted, 0.07);
          context.fillRect(left, surface.top, surface.x(to) - left, surface.height);
        }
      }),
    front: (surface) =>
      clipped(surface, () => {
        const ends: number[] = [];
        for (const { from, to, tone, text } of alarms) {
          const colour = surface.theme.tone[tone] ?? surface.theme.text;
          const x = surface.x(from);
          if (surface.x(to) < surface.left || x > surface.left + surface.width) continue;
          strokeLine(surface, [x, surface.top], [x, surface.top + surface.height], { colour, width: 1.5 });
          nameAt(surface, ends, Math.max(x, surface.left), text, colour);
        }
      }),
  };
}

/** A name at the top of the picture, in the first row where it does not run into another. */
function nameAt(surface: Surface, ends: number[], x: number, text: string, colour: string): void {
  const { ratio, top, left, width, context, theme } = surface;
  context.font = `600 ${theme.font.replace(/^11px/, `${11 * ratio}px`)}`;
  const wide = context.measureText(text).width + 10 * ratio;
  const at = Math.min(x + 4 * ratio, left + width - wide);
  let row = ends.findIndex((end) => end < at);
  if (row < 0) row = ends.length;
  ends[row] = at + wide;
  label(surface, text, [at, top + (9 + 15 * row) * ratio], { colour, bold: true });
}

export interface TrendEvent {
  time: number;
  text: string;
}

/** Work on the machine and the like: a dotted line with a name at the bottom. */
export function eventOverlay(events: readonly TrendEvent[]): Overlay {
  return {
    front: (surface) =>
      clipped(surface, () => {
        for (const { time, text } of events) {
          const x = surface.x(time);
          const { top, height, ratio, theme } = surface;
          strokeLine(surface, [x, top], [x, top + height], { colour: theme.accent, width: 1.5, dash: [2, 3] });
          label(surface, text, [x + 4 * ratio, top + height - 18 * ratio], { colour: theme.accent });
        }
      }),
  };
}

/** Cursors A and B, with the span between them. */
export function cursorOverlay(cursors: readonly (number | undefined)[], names: readonly string[]): Overlay {
  return {
    behind: (surface) => {
      const [a, b] = cursors;
      if (a === undefined || b === undefined) return;
      clipped(surface, (context) => {
        context.fillStyle = faded(surface.theme.cursor[0], 0.07);
        context.fillRect(surface.x(a), surface.top, surface.x(b) - surface.x(a), surface.height);
      });
    },
    front: (surface) => {
      cursors.forEach((at, i) => {
        if (at === undefined) return;
        const x = surface.x(at);
        if (x < surface.left || x > surface.left + surface.width) return;
        const colour = surface.theme.cursor[i === 0 ? 0 : 1];
        strokeLine(surface, [x, surface.top], [x, surface.top + surface.height], { colour, width: 1.5 });
        label(surface, names[i] ?? '', [x, surface.top - 1], { colour, align: 'center', baseline: 'middle', bold: true });
      });
    },
  };
}
