// The colours of the waterfall: from dark blue over grey-green to bright yellow. Lightness rises evenly, so that it reads
// in greyscale, and hue moves along blue and yellow only, which people with red-green blindness tell apart too.

export const colourCount = 256;

export type Rgb = readonly [red: number, green: number, blue: number];

const darkest = 0.17;
const brightest = 0.96;

/** OKLab (Ottosson 2020) to 8-bit sRGB, cut at the gamut. */
export function oklabToRgb(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function encode(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(Math.max(value, 0), 1));
}

/** Colour at `share` of the way from the floor (0) to the top (1). */
export function colourAt(share: number): Rgb {
  const t = Math.min(Math.max(share, 0), 1);
  const lightness = darkest + (brightest - darkest) * t;
  const blueYellow = -0.105 * Math.sin(Math.PI * Math.min(t * 1.15 + 0.1, 1)) + 0.175 * t ** 1.6;
  const greenTint = -0.055 * Math.sin(Math.PI * t);
  return oklabToRgb(lightness, greenTint, blueYellow);
}

/** All colours as pixels of an ImageData (little-endian ABGR). */
export function colourTable(): Uint32Array {
  return Uint32Array.from({ length: colourCount }, (_, i) => {
    const [red, green, blue] = colourAt(i / (colourCount - 1));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}
