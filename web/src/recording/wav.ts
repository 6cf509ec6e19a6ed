import { refuse, type Recording } from './recording';

const pcmTag = 1;
const floatTag = 3;
const extensibleTag = 0xfffe;
const maxChannels = 64;
/** Written by recorders that did not know the length when they began. */
const unknownLength = 0xffffffff;

interface Format {
  isFloat: boolean;
  channelCount: number;
  sampleRateHz: number;
  bytesPerSample: number;
}

interface Chunk {
  id: string;
  begin: number;
  length: number;
}

function text4(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

/** True where the file says that it is a RIFF, RF64 or big-endian RIFX. */
export function looksLikeWav(bytes: ArrayBuffer): boolean {
  if (bytes.byteLength < 12) return false;
  return ['RIFF', 'RF64', 'RIFX'].includes(text4(new DataView(bytes), 0));
}

/** The chunks of the file. RF64 keeps the length of its samples in a chunk of its own. */
function* chunksOf(view: DataView): Generator<Chunk> {
  let at = 12;
  let longLength = 0;
  while (at + 8 <= view.byteLength) {
    const id = text4(view, at);
    const begin = at + 8;
    let length = view.getUint32(at + 4, true);
    if (id === 'ds64' && length >= 16 && begin + 16 <= view.byteLength) {
      longLength = Number(view.getBigUint64(begin + 8, true));
    }
    if (id === 'data' && length === unknownLength) length = longLength || view.byteLength - begin;
    yield { id, begin, length };
    at = begin + length + (length % 2);
  }
}

function formatOf(view: DataView, chunk: Chunk): Format {
  if (chunk.length < 16 || chunk.begin + chunk.length > view.byteLength) refuse('badHeader');
  let tag = view.getUint16(chunk.begin, true);
  const bits = view.getUint16(chunk.begin + 14, true);
  if (tag === extensibleTag && chunk.length >= 26) tag = view.getUint16(chunk.begin + 24, true);
  if (tag !== pcmTag && tag !== floatTag) refuse('compressed', { tag });
  const isFloat = tag === floatTag;
  if (!(isFloat ? [32, 64] : [8, 16, 24, 32]).includes(bits)) refuse('compressed', { tag: `${bits} bit` });
  const channelCount = view.getUint16(chunk.begin + 2, true);
  const sampleRateHz = view.getUint32(chunk.begin + 4, true);
  const frameBytes = view.getUint16(chunk.begin + 12, true);
  if (channelCount < 1 || channelCount > maxChannels) refuse('badHeader');
  if (frameBytes !== (channelCount * bits) / 8) refuse('badHeader');
  return { isFloat, channelCount, sampleRateHz, bytesPerSample: bits / 8 };
}

/** Reads one sample; integers become -1 to 1 of full scale. */
function readerOf(view: DataView, format: Format): (at: number) => number {
  if (format.isFloat) {
    return format.bytesPerSample === 4
      ? (at) => view.getFloat32(at, true)
      : (at) => view.getFloat64(at, true);
  }
  switch (format.bytesPerSample) {
    case 1:
      return (at) => (view.getUint8(at) - 128) / 128;
    case 2:
      return (at) => view.getInt16(at, true) / 32768;
    case 3:
      return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608;
    default:
      return (at) => view.getInt32(at, true) / 2147483648;
  }
}

function samplesOf(view: DataView, format: Format, data: Chunk): Float32Array[] {
  const frameBytes = format.bytesPerSample * format.channelCount;
  // A recorder that was switched off leaves 0 behind: what follows is the recording all the same.
  const length = data.length === 0 ? view.byteLength - data.begin : data.length;
  const frames = Math.floor(length / frameBytes);
  const present = Math.floor((view.byteLength - data.begin) / frameBytes);
  if (frames === 0) refuse('noSamples');
  if (present < frames) refuse('endsEarly', { expected: frames, found: present });
  const read = readerOf(view, format);
  return Array.from({ length: format.channelCount }, (_, channel) => {
    const samples = new Float32Array(frames);
    let at = data.begin + channel * format.bytesPerSample;
    for (let i = 0; i < frames; i++, at += frameBytes) samples[i] = read(at);
    return samples;
  });
}

/** A recording from WAV or RF64: PCM of 8, 16, 24 or 32 bits, floats of 32 or 64. Throws RecordingError. */
export function readWav(bytes: ArrayBuffer): Recording {
  if (!looksLikeWav(bytes)) refuse('notWav');
  const view = new DataView(bytes);
  if (text4(view, 0) === 'RIFX') refuse('notLittleEndian');
  if (text4(view, 8) !== 'WAVE') refuse('notWav');
  let format: Format | undefined;
  for (const chunk of chunksOf(view)) {
    if (chunk.id === 'fmt ') format = formatOf(view, chunk);
    if (chunk.id !== 'data') continue;
    if (!format) refuse('noFormat');
    const samples = samplesOf(view, format, chunk);
    return {
      channels: samples.map((values, i) => ({
        name: samples.length > 1 ? String(i + 1) : '',
        unit: '',
        samples: values,
      })),
      sampleRateHz: format.sampleRateHz,
      isFullScale: !format.isFloat,
    };
  }
  refuse(format ? 'noSamples' : 'noFormat');
}
