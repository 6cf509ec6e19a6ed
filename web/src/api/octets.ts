// NUMBER_FORMAT_OCTETS in JSON: base64 of little-endian numbers without padding. Every browser here is little-endian.

function bytesOf(base64: string | undefined): ArrayBuffer {
  const text = atob(base64 ?? '');
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; ++at) bytes[at] = text.charCodeAt(at);
  return bytes.buffer;
}

export const float32Of = (base64: string | undefined): Float32Array => new Float32Array(bytesOf(base64));

/** Microseconds as seconds: what a chart's axis and a Date need. */
export function secondsOf(base64: string | undefined): Float64Array {
  const micros = new BigInt64Array(bytesOf(base64));
  return Float64Array.from(micros, (value) => Number(value) / 1e6);
}
