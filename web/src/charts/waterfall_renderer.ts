// Draws a waterfall with its axes onto one canvas, at most once a frame.
import { colourAt } from './colormap';
import { formatTick, niceTicks } from './numbers';
import { label, scaledFont, strokeLine, type Surface } from './surface';
import { faded, type ChartTheme } from './theme';
import { gapsOf, rowCount, type DecibelRange, type WaterfallCell, type WaterfallRows, type WaterfallView } from './waterfall_data';
import { WaterfallImage, type Box } from './waterfall_image';

export interface WaterfallLine {
  /** On the axis that is shown. */
  at: number;
  text: string;
  family: string;
}

export interface WaterfallScene {
  rows: WaterfallRows;
  range: DecibelRange;
  view: WaterfallView;
  cursor?: WaterfallCell;
  /** Row of the spectrum that is open beside. */
  chosenRow?: number;
  lines: readonly WaterfallLine[];
  axisTitle: string;
  scaleTitle: string;
  /** Of a row on the time axis. */
  timeLabel: (seconds: number) => string;
}

const margin = { left: 86, right: 64, top: 10, bottom: 42 };
const timeLabelPixels = 26;

export class WaterfallRenderer {
  private image: WaterfallImage | undefined;
  private imageOf: { rows: WaterfallRows; range: DecibelRange } | undefined;
  private gaps: number[] = [];
  private pending = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private scene: () => WaterfallScene,
    private readonly theme: () => ChartTheme,
  ) {}

  /** Plot area in CSS pixels. */
  get area(): Box {
    const { clientWidth, clientHeight } = this.canvas;
    return {
      left: margin.left,
      top: margin.top,
      width: Math.max(clientWidth - margin.left - margin.right, 10),
      height: Math.max(clientHeight - margin.top - margin.bottom, 10),
    };
  }

  request(): void {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      this.draw();
    });
  }

  stop(): void {
    cancelAnimationFrame(this.pending);
  }

  draw(): void {
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context) return;
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(this.canvas.clientWidth * ratio), Math.round(this.canvas.clientHeight * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const scene = this.scene();
    const theme = this.theme();
    this.prepare(scene);
    context.fillStyle = theme.background;
    context.fillRect(0, 0, width, height);
    const surface = this.surface(context, scene, theme, ratio);
    this.image?.draw(context, scene.view, surface);
    drawLines(surface, scene);
    this.drawGaps(surface, scene);
    drawMarks(surface, scene);
    drawAxes(surface, scene);
    drawScale(surface, scene);
  }

  private prepare({ rows, range }: WaterfallScene): void {
    const known = this.imageOf;
    if (known && known.rows === rows && known.range.floor === range.floor && known.range.top === range.top) return;
    this.image = new WaterfallImage(rows, range);
    this.imageOf = { rows, range };
    this.gaps = gapsOf(rows.times);
  }

  private surface(context: CanvasRenderingContext2D, { view }: WaterfallScene, theme: ChartTheme, ratio: number): Surface {
    const { left, top, width, height } = this.area;
    const box = { left: left * ratio, top: top * ratio, width: width * ratio, height: height * ratio };
    return {
      context, theme, ratio, ...box,
      x: (value) => box.left + ((value - view.low) / (view.high - view.low)) * box.width,
      y: (row) => box.top + ((view.lastRow - row) / (view.lastRow - view.firstRow)) * box.height,
    };
  }

  /** A notch at the left where nothing was kept for long between two rows. */
  private drawGaps(surface: Surface, { view }: WaterfallScene): void {
    const { left, ratio, theme } = surface;
    for (const row of this.gaps) {
      if (row <= view.firstRow || row >= view.lastRow) continue;
      const y = surface.y(row, '');
      strokeLine(surface, [left, y], [left + 10 * ratio, y], { colour: theme.tone.alert ?? theme.text, width: 1.5 });
    }
  }
}

function inside(surface: Surface, x: number): boolean {
  return x >= surface.left && x <= surface.left + surface.width;
}

function drawLines(surface: Surface, { lines }: WaterfallScene): void {
  const { ratio, top, height } = surface;
  let end = -Infinity;
  for (const { at, text } of lines) {
    const x = surface.x(at);
    if (!inside(surface, x)) continue;
    strokeLine(surface, [x, top], [x, top + height], { colour: 'rgb(255 255 255 / 0.55)', width: 1, dash: [3, 5] });
    if (x < end) continue;
    end = x + label(surface, text, [x + 4 * ratio, top + 9 * ratio], { colour: surface.theme.text }) + 8 * ratio;
  }
}

function drawMarks(surface: Surface, { cursor, chosenRow, view, rows }: WaterfallScene): void {
  const { left, width, top, height, ratio, theme } = surface;
  const rowBox = (row: number): [number, number] => [surface.y(row + 1, ''), surface.y(row, '') - surface.y(row + 1, '')];
  if (chosenRow !== undefined && chosenRow >= view.firstRow - 1 && chosenRow < view.lastRow) {
    const [y, tall] = rowBox(chosenRow);
    surface.context.fillStyle = theme.accent;
    surface.context.fillRect(left - 7 * ratio, y, 5 * ratio, Math.max(tall, 2 * ratio));
    surface.context.fillRect(left + width + 2 * ratio, y, 5 * ratio, Math.max(tall, 2 * ratio));
  }
  if (!cursor || cursor.row >= rowCount(rows)) return;
  const x = surface.x(cursor.axis);
  const [y, tall] = rowBox(cursor.row);
  const white = { colour: 'rgb(255 255 255 / 0.9)', width: 1 };
  if (inside(surface, x)) strokeLine(surface, [x, top], [x, top + height], white);
  strokeLine(surface, [left, y + tall / 2], [left + width, y + tall / 2], white);
}

function drawAxes(surface: Surface, { view, rows, axisTitle, timeLabel }: WaterfallScene): void {
  const { context, left, top, width, height, ratio, theme } = surface;
  const ticks = niceTicks(view.low, view.high, Math.max(Math.floor(width / ratio / 90), 2));
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  context.font = scaledFont(theme.font, ratio);
  context.fillStyle = theme.muted;
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  for (const tick of ticks) {
    const x = surface.x(tick);
    strokeLine(surface, [x, top + height], [x, top + height + 5 * ratio], { colour: theme.muted });
    context.fillText(formatTick(tick, step), x, top + height + 14 * ratio);
  }
  context.fillText(axisTitle, left + width / 2, top + height + 31 * ratio);
  context.textAlign = 'right';
  const labels = Math.max(Math.floor(height / ratio / timeLabelPixels), 1);
  const every = Math.max(Math.ceil((view.lastRow - view.firstRow) / labels), 1);
  for (let row = rowCount(rows) - 1; row >= 0; row -= every) {
    if (row < view.firstRow || row + 0.5 > view.lastRow) continue;
    const y = surface.y(row + 0.5, '');
    strokeLine(surface, [left - 4 * ratio, y], [left, y], { colour: theme.muted });
    context.fillText(timeLabel(rows.times[row] ?? 0), left - 9 * ratio, y);
  }
  context.textAlign = 'left';
}

/** The colours with their levels, at the right. */
function drawScale(surface: Surface, { range, scaleTitle }: WaterfallScene): void {
  const { context, left, top, width, height, ratio, theme } = surface;
  const x = left + width + 12 * ratio;
  const steps = 64;
  for (let i = 0; i < steps; ++i) {
    context.fillStyle = `rgb(${colourAt(1 - i / (steps - 1)).join(' ')})`;
    context.fillRect(x, top + (i * height) / steps, 10 * ratio, height / steps + 1);
  }
  context.strokeStyle = faded(theme.muted, 0.5);
  context.strokeRect(x, top, 10 * ratio, height);
  context.fillStyle = theme.muted;
  context.textBaseline = 'middle';
  for (const tick of niceTicks(range.floor, range.top, 6)) {
    const y = top + ((range.top - tick) / (range.top - range.floor)) * height;
    context.fillText(formatTick(tick, 1), x + 14 * ratio, y);
  }
  context.save();
  context.translate(x + 46 * ratio, top + height / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = 'center';
  context.fillText(scaleTitle, 0, 0);
  context.restore();
}
