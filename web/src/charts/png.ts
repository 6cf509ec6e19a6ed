// A chart as a picture for a report or a message: with its title, what its colours mean, and a ground.
import { scaledFont } from './surface';
import type { ChartTheme } from './theme';

export interface LegendEntry {
  text: string;
  colour: string;
  dash?: boolean;
}

export interface PictureForm {
  title: string;
  subtitle: string;
  legend: readonly LegendEntry[];
  theme: ChartTheme;
  /** Pixels of the canvas for each CSS pixel. */
  ratio: number;
}

const margin = 12;
const lineHeight = 17;

/** Rows of legend entries that fit the width. */
export function layLegend(widths: readonly number[], available: number): number[][] {
  const rows: number[][] = [];
  let used = Infinity;
  widths.forEach((width, i) => {
    if (used + width > available) {
      rows.push([]);
      used = 0;
    }
    rows[rows.length - 1]?.push(i);
    used += width;
  });
  return rows;
}

export async function pictureOf(chart: HTMLCanvasElement, form: PictureForm): Promise<Blob> {
  const { ratio, theme } = form;
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  const font = scaledFont(theme.font, ratio);
  context.font = font;
  const widths = form.legend.map(({ text }) => context.measureText(text).width + 34 * ratio);
  const rows = layLegend(widths, chart.width - 2 * margin * ratio);
  const top = (margin + 2 * lineHeight + 4) * ratio;
  const below = rows.length > 0 ? (rows.length * lineHeight + margin) * ratio : 0;
  canvas.width = chart.width + 2 * margin * ratio;
  canvas.height = top + chart.height + below + margin * ratio;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = 'middle';
  write(context, form.title, [margin * ratio, (margin + 7) * ratio], theme.text, scaledFont(theme.font, 1.2 * ratio, true));
  write(context, form.subtitle, [margin * ratio, (margin + 7 + lineHeight) * ratio], theme.muted, font);
  context.drawImage(chart, margin * ratio, top);
  rows.forEach((row, line) => {
    let x = margin * ratio;
    const y = top + chart.height + (line * lineHeight + margin) * ratio;
    for (const index of row) {
      const entry = form.legend[index];
      if (entry) drawEntry(context, entry, [x, y], ratio, theme.text, font);
      x += widths[index] ?? 0;
    }
  });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
  );
}

type Place = [x: number, y: number];

function write(context: CanvasRenderingContext2D, text: string, [x, y]: Place, colour: string, font: string): void {
  context.font = font;
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

function drawEntry(
  context: CanvasRenderingContext2D, entry: LegendEntry, [x, y]: Place, ratio: number, text: string, font: string,
): void {
  context.strokeStyle = entry.colour;
  context.lineWidth = 2 * ratio;
  context.setLineDash(entry.dash ? [4 * ratio, 3 * ratio] : []);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + 18 * ratio, y);
  context.stroke();
  context.setLineDash([]);
  write(context, entry.text, [x + 23 * ratio, y], text, font);
}
