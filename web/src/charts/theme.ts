// Colours and type of the canvases, read from the page's style sheets so that themes and print count for them too.
import '../design/charts.css';

export interface ChartTheme {
  text: string;
  muted: string;
  grid: string;
  background: string;
  accent: string;
  /** Of series, told apart by people with colour-blindness as well. */
  series: readonly string[];
  zone: Readonly<Record<'A' | 'B' | 'C' | 'D', string>>;
  /** Of conditions, by tone. */
  tone: Readonly<Record<string, string>>;
  cursor: readonly [a: string, b: string];
  /** Of families of machine lines. */
  family: Readonly<Record<string, string>>;
  font: string;
}

const familyNames = ['shaft', 'bpfo', 'bpfi', 'bsf', 'ftf', 'mesh', 'blade', 'belt', 'supply', 'other'];
const tones = ['alarm', 'alert', 'watch', 'normal', 'learning', 'quiet'];
const seriesColours = 8;

export function readTheme(element: Element): ChartTheme {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const all = (names: readonly string[], prefix: string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, read(`${prefix}${name}`)]));
  return {
    text: read('text'),
    muted: read('text-faint'),
    grid: read('grid'),
    background: read('surface'),
    accent: read('accent'),
    series: Array.from({ length: seriesColours }, (_, i) => read(`series-${i + 1}`)),
    zone: { A: read('normal'), B: read('watch'), C: read('alert'), D: read('alarm') },
    tone: all(tones, ''),
    cursor: [read('cursor-a'), read('cursor-b')],
    family: all(familyNames, 'line-'),
    font: `11px ${style.fontFamily || 'sans-serif'}`,
  };
}

/** `colour` with the alpha given; colours here are #rrggbb. */
export function faded(colour: string, alpha: number): string {
  const hex = Math.round(Math.min(Math.max(alpha, 0), 1) * 255).toString(16).padStart(2, '0');
  return /^#[0-9a-f]{6}$/i.test(colour) ? `${colour}${hex}` : colour;
}
