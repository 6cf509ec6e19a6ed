/** A WAV file made chunk by chunk, so that tests can make wrong ones too. */
export interface MadeWav {
  riff?: string;
  form?: string;
  tag?: number;
  channels?: number;
  rate?: number;
  bits?: number;
  frameBytes?: number;
  extensible?: boolean;
  before?: { id: string; bytes: number }[];
  data?: number[];
  /** What the header says; absent: the truth. */
  dataLength?: number;
}

function encode(view: DataView, at: number, value: number, bits: number, isFloat: boolean): void {
  if (isFloat && bits === 64) view.setFloat64(at, value, true);
  else if (isFloat) view.setFloat32(at, value, true);
  else if (bits === 8) view.setUint8(at, value + 128);
  else if (bits === 16) view.setInt16(at, value, true);
  else if (bits === 32) view.setInt32(at, value, true);
  else {
    view.setUint16(at, value & 0xffff, true);
    view.setInt8(at + 2, value >> 16);
  }
}

export function madeWav(options: MadeWav = {}): ArrayBuffer {
  const { tag = 1, channels = 1, rate = 12800, bits = 16, data = [], before = [] } = options;
  const width = bits / 8;
  const formatBytes = options.extensible ? 40 : 16;
  const extra = before.reduce((sum, chunk) => sum + 8 + chunk.bytes + (chunk.bytes % 2), 0);
  const buffer = new ArrayBuffer(12 + extra + 8 + formatBytes + 8 + data.length * width);
  const view = new DataView(buffer);
  let at = 0;
  const text = (value: string) => [...value].forEach((c) => view.setUint8(at++, c.charCodeAt(0)));
  const long = (value: number) => view.setUint32((at += 4) - 4, value, true);
  const short = (value: number) => view.setUint16((at += 2) - 2, value, true);
  text(options.riff ?? 'RIFF');
  long(buffer.byteLength - 8);
  text(options.form ?? 'WAVE');
  for (const chunk of before) {
    text(chunk.id);
    long(chunk.bytes);
    at += chunk.bytes + (chunk.bytes % 2);
  }
  text('fmt ');
  long(formatBytes);
  short(options.extensible ? 0xfffe : tag);
  short(channels);
  long(rate);
  long(rate * channels * width);
  short(options.frameBytes ?? channels * width);
  short(bits);
  if (options.extensible) {
    at += 8;
    short(tag);
    at += 14;
  }
  text('data');
  long(options.dataLength ?? data.length * width);
  for (const value of data) encode(view, (at += width) - width, value, bits, tag === 3);
  return buffer;
}
