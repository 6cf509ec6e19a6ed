// A plot that is zoomed, panned and read with the mouse, with fingers and with the keyboard. Wraps uPlot, which draws
// axes and series; everything else is overlays.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { attachGestures } from './plot_gestures';
import { fitSpan, shiftSpan, zoomSpan, type Span } from './span';
import { surfaceOf, type Overlay } from './surface';
import { readTheme, type ChartTheme } from './theme';

export interface PlotContent {
  /** What series, bands, scales and axes are made from: the chart is made anew where it changes, else only drawn. */
  form: string;
  data: uPlot.AlignedData;
  series: (theme: ChartTheme) => uPlot.Series[];
  bands?: (theme: ChartTheme) => uPlot.Band[];
  scales: uPlot.Scales;
  axes: (theme: ChartTheme) => uPlot.Axis[];
  /** What there is to see along x, and the narrowest part of it worth seeing. */
  limits: Span;
  narrowest: number;
  /** Of a time axis. */
  zoneDate?: (seconds: number) => Date;
}

/** Moves what was grabbed to a place on x. */
export type Drag = (x: number) => void;

export interface PlotEvents {
  overlays: () => readonly Overlay[];
  /** The part that is shown has changed, by whatever means. */
  onView?: (view: Span) => void;
  /** Where the pointer is; null when it left. */
  onHover?: (x: number | null) => void;
  /** A click. Answers how to take it back, where it turns out to be the first of a double click. */
  onPick?: (x: number, event: MouseEvent) => () => void;
  /** Something to drag within `tolerance` of x, if there is. */
  grab?: (x: number, tolerance: number) => Drag | undefined;
  /** Keys that the plot itself does not take; true where it was used. */
  onKey?: (event: KeyboardEvent) => boolean;
}

export class Plot {
  theme: ChartTheme;
  private chart: uPlot;
  private shown: Span;
  private takeBack: (() => void) | undefined;
  private readonly detachers: (() => void)[] = [];

  constructor(
    private readonly host: HTMLElement,
    private content: PlotContent,
    private readonly events: PlotEvents,
    view?: Span,
  ) {
    this.theme = readTheme(host);
    this.shown = view ? fitSpan(view, content.limits, content.narrowest) : content.limits;
    this.chart = this.make();
    const resizer = new ResizeObserver(() => this.chart.setSize(sizeOf(host)));
    resizer.observe(host);
    this.detachers.push(() => resizer.disconnect());
  }

  get view(): Span {
    return this.shown;
  }

  get canvas(): HTMLCanvasElement {
    return this.chart.ctx.canvas;
  }

  /** Width of the plot area in CSS pixels. */
  get pixels(): number {
    return this.chart.bbox.width / uPlot.pxRatio;
  }

  /** Other content; keeps the part that is shown unless another is given. */
  show(content: PlotContent, view?: Span): void {
    const keepsForm = content.form === this.content.form;
    this.content = content;
    this.shown = fitSpan(view ?? this.shown, content.limits, content.narrowest);
    if (keepsForm) {
      this.chart.batch(() => {
        this.chart.setData(content.data, false);
        this.applyView();
      });
    } else {
      this.rebuild();
    }
  }

  /** Reads the theme again. */
  restyle(): void {
    this.theme = readTheme(this.host);
    this.rebuild();
  }

  setView(view: Span): void {
    this.shown = fitSpan(view, this.content.limits, this.content.narrowest);
    this.applyView();
    this.events.onView?.(this.shown);
  }

  zoom(factor: number, about = 0.5): void {
    this.setView(zoomSpan(this.shown, factor, about, this.content.limits, this.content.narrowest));
  }

  pan(share: number): void {
    this.setView(shiftSpan(this.shown, share, this.content.limits));
  }

  reset(): void {
    this.setView(this.content.limits);
  }

  /** Draws the overlays anew, the series from their cached paths. */
  redraw(): void {
    this.chart.redraw(false);
  }

  /** Scales anew from the data, for a switch of what they must hold. */
  rescale(): void {
    this.applyView();
  }

  destroy(): void {
    for (const detach of this.detachers) detach();
    this.chart.destroy();
  }

  private rebuild(): void {
    this.chart.destroy();
    this.chart = this.make();
  }

  private applyView(): void {
    this.chart.setScale('x', { min: this.shown[0], max: this.shown[1] });
  }

  private make(): uPlot {
    const { content, theme } = this;
    const [min, max] = this.shown;
    const options: uPlot.Options = {
      ...sizeOf(this.host),
      series: content.series(theme),
      bands: content.bands?.(theme),
      scales: { ...content.scales, x: { ...content.scales.x, auto: false, min, max } },
      axes: content.axes(theme),
      tzDate: content.zoneDate,
      legend: { show: false },
      padding: [10, 14, 0, 4],
      cursor: this.cursorOptions(),
      hooks: this.hooks(),
    };
    const chart = new uPlot(options, content.data, this.host);
    // uPlot keeps clicks that end a selection to itself; the second of a double click shows all.
    chart.over.addEventListener('click', (event) => {
      if (event.button !== 0 || event.shiftKey || event.detail > 1) return;
      this.takeBack = this.events.onPick?.(chart.posToVal(event.clientX - chart.over.getBoundingClientRect().left, 'x'), event);
    });
    attachGestures(chart.over, {
      zoom: (factor, about) => this.zoom(factor, about),
      pan: (share) => this.pan(share),
      valueAt: (left) => chart.posToVal(left, 'x'),
      grab: (x, tolerance) => this.events.grab?.(x, tolerance),
    });
    return chart;
  }

  private cursorOptions(): uPlot.Cursor {
    return {
      drag: { x: true, y: false, setScale: false, dist: 6 },
      y: false,
      points: { size: 7, width: 2 },
      bind: {
        mousedown: (_chart, _target, handler) => (event) => event.shiftKey || event.button !== 0 ? null : handler(event),
        dblclick: () => () => {
          this.takeBack?.();
          this.reset();
          return null;
        },
      },
    };
  }

  private hooks(): uPlot.Hooks.Arrays {
    const draw = (chart: uPlot, layer: 'behind' | 'front'): void => {
      const surface = surfaceOf(chart, this.theme, uPlot.pxRatio);
      // uPlot remembers what it set and would not set it again.
      chart.ctx.save();
      for (const overlay of this.events.overlays()) overlay[layer]?.(surface);
      chart.ctx.restore();
    };
    return {
      drawClear: [(chart) => draw(chart, 'behind')],
      draw: [(chart) => draw(chart, 'front')],
      setCursor: [
        (chart) => {
          const left = chart.cursor.left ?? -1;
          this.events.onHover?.(left >= 0 ? chart.posToVal(left, 'x') : null);
        },
      ],
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          if (width < 4) return;
          const span: Span = [chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x')];
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          this.setView(span);
        },
      ],
    };
  }

  /** Zoom and pan by keys; the rest goes to the events. */
  handleKey(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const actions: Readonly<Record<string, () => void>> = {
      '+': () => this.zoom(0.5),
      '=': () => this.zoom(0.5),
      '-': () => this.zoom(2),
      '0': () => this.reset(),
      ',': () => this.pan(-0.25),
      '.': () => this.pan(0.25),
    };
    const action = actions[event.key];
    if (action) action();
    return action !== undefined || (this.events.onKey?.(event) ?? false);
  }
}

function sizeOf(host: HTMLElement): { width: number; height: number } {
  return { width: Math.max(host.clientWidth, 200), height: Math.max(host.clientHeight, 120) };
}
