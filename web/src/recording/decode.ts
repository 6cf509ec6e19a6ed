/** Runs of bytes above ASCII: those of GB 18030 come in pairs, those of Western code pages mostly alone. */
function comesInPairs(bytes: Uint8Array): boolean {
  let run = 0;
  for (const byte of bytes) {
    if (byte >= 0xa1) {
      run++;
    } else {
      if (run % 2 === 1 || byte > 0x7f) return false;
      run = 0;
    }
  }
  return run % 2 === 0;
}

/** The text of a file in whatever encoding loggers and spreadsheets write: UTF-8, UTF-16, GB 18030, Windows-1252. */
export function decodeText(buffer: ArrayBuffer): string {
  const bytes = new Uint8Array(buffer);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder(comesInPairs(bytes.subarray(0, 65536)) ? 'gb18030' : 'windows-1252').decode(bytes);
  }
}
