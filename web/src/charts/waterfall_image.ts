// The waterfall drawn once, at full size and as smaller pictures of its extremes when they are first needed. A frame only
// copies a part of one of them, which keeps panning at the rate of the screen however many spectra there are.
import { colourTable } from './colormap';
import {
  halfHeight, halfWidth, indexImage, rowCount,
  type DecibelRange, type IndexImage, type WaterfallRows, type WaterfallView,
} from './waterfall_data';

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface Level {
  image: IndexImage;
  canvas: HTMLCanvasElement;
}

export class WaterfallImage {
  private readonly levels = new Map<string, Level>();
  private readonly colours = colourTable();

  constructor(private readonly rows: WaterfallRows, range: DecibelRange) {
    this.keep(0, 0, indexImage(rows, range));
  }

  /** Copies what `view` shows into the box, in pixels of the device, the newest row on top. */
  draw(context: CanvasRenderingContext2D, view: WaterfallView, box: Box): void {
    const bins = (view.high - view.low) / this.rows.step;
    const shownRows = view.lastRow - view.firstRow;
    if (!(bins > 0 && shownRows > 0)) return;
    const across = halvings(bins / Math.max(box.width, 1));
    const down = halvings(shownRows / Math.max(box.height, 1));
    const { canvas } = this.level(across, down);
    context.imageSmoothingEnabled = false;
    context.drawImage(
      canvas,
      (view.low - this.rows.start) / this.rows.step / 2 ** across,
      (rowCount(this.rows) - view.lastRow) / 2 ** down,
      bins / 2 ** across,
      shownRows / 2 ** down,
      box.left, box.top, box.width, box.height,
    );
  }

  private level(across: number, down: number): Level {
    const known = this.levels.get(`${across} ${down}`);
    if (known) return known;
    return across > 0
      ? this.keep(across, down, halfWidth(this.level(across - 1, down).image))
      : this.keep(across, down, halfHeight(this.level(across, down - 1).image));
  }

  private keep(across: number, down: number, image: IndexImage): Level {
    const level = { image, canvas: paint(image, this.colours) };
    this.levels.set(`${across} ${down}`, level);
    return level;
  }
}

/** How often a side must be halved so that no value falls between two pixels. */
function halvings(valuesPerPixel: number): number {
  return valuesPerPixel <= 1 ? 0 : Math.ceil(Math.log2(valuesPerPixel));
}

function paint({ columns, rows, indices }: IndexImage, colours: Uint32Array): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (!context || columns === 0 || rows === 0) return canvas;
  const picture = context.createImageData(columns, rows);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < indices.length; ++i) pixels[i] = colours[indices[i] ?? 0] ?? 0;
  context.putImageData(picture, 0, 0);
  return canvas;
}
