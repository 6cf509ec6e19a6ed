// What stands over a spectrum: lines of the machine, peaks, cursor families.
import { members, type FrequencyCursor } from './cursor_families';
import { clipped, label, scaledFont, strokeLine, type Overlay, type Surface } from './surface';
import { faded } from './theme';
import type { NamedLine } from './machine_lines';

const nameRows = 3;
const rowPixels = 14;

export interface DrawnLine extends NamedLine {
  text: string;
  /** A peak stands on it: its name goes first where there is no room for all. */
  met: boolean;
}

/** Lines of the machine with names at the top, as many as there is room for. `scale` turns Hz into what the axis shows. */
export function lineOverlay(lines: readonly DrawnLine[], scale: number): Overlay {
  return {
    behind: (surface) =>
      clipped(surface, () => {
        for (const line of apart(lines, (line) => surface.x(line.hz * scale), 2 * surface.ratio)) {
          const x = surface.x(line.hz * scale);
          const colour = surface.theme.family[line.family] ?? surface.theme.muted;
          strokeLine(surface, [x, surface.top], [x, surface.top + surface.height], {
            colour: faded(colour, line.met ? 0.85 : 0.4),
            width: line.harmonic === 1 ? 1.25 : 1,
            dash: line.harmonic === 1 ? [] : [3, 3],
          });
        }
      }),
    front: (surface) => clipped(surface, () => nameLines(surface, lines, scale)),
  };
}

/** Without those that would stand within `distance` of another; lines that a peak stands on go first. */
function apart(lines: readonly DrawnLine[], at: (line: DrawnLine) => number, distance: number): DrawnLine[] {
  const kept: DrawnLine[] = [];
  for (const line of [...lines].sort((a, b) => Number(b.met) - Number(a.met))) {
    if (kept.every((other) => Math.abs(at(other) - at(line)) >= distance)) kept.push(line);
  }
  return kept;
}

function nameLines(surface: Surface, lines: readonly DrawnLine[], scale: number): void {
  const { context, ratio, left, top, width, theme } = surface;
  const taken: [number, number][][] = Array.from({ length: nameRows }, () => []);
  const order = [...lines].sort((a, b) => Number(b.met) - Number(a.met) || a.harmonic - b.harmonic || a.hz - b.hz);
  for (const line of order) {
    const x = surface.x(line.hz * scale);
    if (x < left || x > left + width) continue;
    context.font = scaledFont(theme.font, ratio, line.met);
    const wide = context.measureText(line.text).width + 6 * ratio;
    const from = Math.min(x + 3 * ratio, left + width - wide);
    const row = taken.findIndex((spans) => spans.every(([a, b]) => from + wide < a || from > b));
    if (row < 0) continue;
    taken[row]?.push([from, from + wide]);
    const colour = theme.family[line.family] ?? theme.text;
    label(surface, line.text, [from, top + (8 + rowPixels * row) * ratio], { colour, bold: line.met });
  }
}

/** Triangles over the highest peaks, numbered as in the table beside. */
export function peakOverlay(peaks: readonly { hz: number; y: number }[], scale: number): Overlay {
  return {
    front: (surface) =>
      clipped(surface, (context) => {
        const { ratio, theme } = surface;
        const numbered: number[] = [];
        peaks.forEach(({ hz, y }, i) => {
          const x = surface.x(hz * scale);
          const at = surface.y(y, 'y') - 3 * ratio;
          context.fillStyle = theme.text;
          context.beginPath();
          context.moveTo(x, at);
          context.lineTo(x - 4 * ratio, at - 7 * ratio);
          context.lineTo(x + 4 * ratio, at - 7 * ratio);
          context.fill();
          // The higher one keeps its number where two stand close.
          if (numbered.some((other) => Math.abs(other - x) < 11 * ratio)) return;
          numbered.push(x);
          label(surface, String(i + 1), [x, at - 14 * ratio], { colour: theme.text, align: 'center' });
        });
      }),
  };
}

/** All lines of a cursor family; the one that anchors it is drawn thicker. */
export function familyOverlay(cursor: FrequencyCursor | undefined, limitHz: number, scale: number): Overlay {
  return {
    front: (surface) => {
      if (!cursor) return;
      clipped(surface, () => {
        const { top, height, ratio, theme } = surface;
        const drawn = members(cursor, limitHz);
        const spacing = drawn.length > 1 ? Math.abs(surface.x((drawn[1]?.hz ?? 0) * scale) - surface.x((drawn[0]?.hz ?? 0) * scale)) : Infinity;
        for (const { rank, hz } of drawn) {
          const anchor = cursor.kind === 'sideband' ? rank === 0 : rank === 1;
          const colour = theme.cursor[cursor.kind === 'sideband' && !anchor ? 1 : 0];
          const x = surface.x(hz * scale);
          strokeLine(surface, [x, top], [x, top + height], { colour, width: anchor ? 1.8 : 1.2, dash: anchor ? [] : [5, 3] });
          if (cursor.kind === 'single' || (spacing < 22 * ratio && !anchor)) continue;
          const text = cursor.kind === 'sideband' ? (rank > 0 ? `+${rank}` : String(rank).replace('-', '−')) : `${rank}×`;
          label(surface, text, [x, top + height - 9 * ratio], { colour, align: 'center', bold: true });
        }
      });
    },
  };
}
