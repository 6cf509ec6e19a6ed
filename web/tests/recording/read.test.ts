import { expect, test } from 'vitest';
import { decodeText } from '../../src/recording/decode';
import { readRecording } from '../../src/recording/read';
import { RecordingError } from '../../src/recording/recording';
import { madeWav } from './made_wav';

const bytesOf = (...values: number[]) => Uint8Array.from(values).buffer;

test('decodeText reads what loggers and spreadsheets write', () => {
  expect(decodeText(bytesOf(0xef, 0xbb, 0xbf, 0x61))).toBe('a');
  expect(decodeText(bytesOf(0xff, 0xfe, 0x61, 0, 0x4e, 0x4e))).toBe('a乎');
  expect(decodeText(bytesOf(0xfe, 0xff, 0, 0x61))).toBe('a');
  expect(decodeText(bytesOf(0x6d, 0x2f, 0x73, 0xb2, 0x5d))).toBe('m/s²]'); // Windows-1252
  expect(decodeText(bytesOf(0xca, 0xb1, 0xbc, 0xe4, 0x2c))).toBe('时间,'); // GB 18030
});

test('readRecording goes by the bytes, not by the name', () => {
  expect(readRecording(madeWav({ data: [1, 2] })).sampleRateHz).toBe(12800);
  const text = new TextEncoder().encode('a,b\n1,2\n3,4\n');
  expect(readRecording(text.buffer as ArrayBuffer).channels).toHaveLength(2);
  expect(() => readRecording(new ArrayBuffer(0))).toThrow(RecordingError);
  expect(() => readRecording(bytesOf(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0))).toThrow(/notText/);
});
