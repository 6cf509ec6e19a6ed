import { readCsv } from './csv';
import { decodeText } from './decode';
import { maxFileBytes, refuse, type Recording } from './recording';
import { looksLikeWav, readWav } from './wav';

/** A recording from the bytes of a file, by what they are rather than by its name. Throws RecordingError. */
export function readRecording(bytes: ArrayBuffer): Recording {
  if (bytes.byteLength === 0) refuse('empty');
  if (bytes.byteLength > maxFileBytes) refuse('tooLarge', { megabytes: maxFileBytes / 1024 / 1024 });
  return looksLikeWav(bytes) ? readWav(bytes) : readCsv(decodeText(bytes));
}
