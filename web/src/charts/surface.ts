// What overlays draw on: the canvas of a plot in pixels of the device, with its scales, theme and text.
import type uPlot from 'uplot';
import type { ChartTheme } from './theme';

export interface Surface {
  context: CanvasRenderingContext2D;
  theme: ChartTheme;
  /** Device pixels of one CSS pixel. */
  ratio: number;
  /** Plot area, in device pixels. */
  left: number;
  top: number;
  width: number;
  height: number;
  x(value: number): number;
  y(value: number, scale: string): number;
}

export interface Overlay {
  /** Below grid and series. */
  behind?(surface: Surface): void;
  /** Above the series. */
  front?(surface: Surface): void;
}

export function surfaceOf(plot: uPlot, theme: ChartTheme, ratio: number): Surface {
  const { left, top, width, height } = plot.bbox;
  return {
    context: plot.ctx, theme, ratio, left, top, width, height,
    x: (value) => plot.valToPos(value, 'x', true),
    y: (value, scale) => plot.valToPos(value, scale, true),
  };
}

/** Draws inside the plot area only, and leaves the context as it was. */
export function clipped(surface: Surface, draw: (context: CanvasRenderingContext2D) => void): void {
  const { context, left, top, width, height } = surface;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  draw(context);
  context.restore();
}

export interface LineStyle {
  colour: string;
  width?: number;
  dash?: readonly number[];
}

export function strokeLine(surface: Surface, from: [number, number], to: [number, number], style: LineStyle): void {
  const { context, ratio } = surface;
  context.strokeStyle = style.colour;
  context.lineWidth = (style.width ?? 1) * ratio;
  context.setLineDash((style.dash ?? []).map((length) => length * ratio));
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.setLineDash([]);
}

export interface LabelStyle {
  colour: string;
  align?: CanvasTextAlign;
  baseline?: CanvasTextBaseline;
  bold?: boolean;
}

/** Text on a plate of the background colour, so that it reads over lines. Returns its width in device pixels. */
export function label(surface: Surface, text: string, at: [x: number, y: number], style: LabelStyle): number {
  const { context, theme, ratio } = surface;
  context.font = scaledFont(theme.font, ratio, style.bold);
  const width = context.measureText(text).width;
  const height = 13 * ratio;
  const align = style.align ?? 'left';
  const baseline = style.baseline ?? 'middle';
  const left = align === 'right' ? at[0] - width : align === 'center' ? at[0] - width / 2 : at[0];
  const top = baseline === 'top' ? at[1] : baseline === 'bottom' ? at[1] - height : at[1] - height / 2;
  context.globalAlpha = 0.82;
  context.fillStyle = theme.background;
  context.fillRect(left - 2 * ratio, top, width + 4 * ratio, height);
  context.globalAlpha = 1;
  context.fillStyle = style.colour;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(text, left, top + height / 2);
  return width + 4 * ratio;
}

export function scaledFont(font: string, ratio: number, bold = false): string {
  const scaled = font.replace(/^(\d+(?:\.\d+)?)px/, (_, size: string) => `${Number(size) * ratio}px`);
  return bold ? `600 ${scaled}` : scaled;
}
