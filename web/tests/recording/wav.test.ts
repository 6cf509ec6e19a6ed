import { describe, expect, test } from 'vitest';
import { RecordingError, type ProblemKey } from '../../src/recording/recording';
import { readWav } from '../../src/recording/wav';
import { madeWav, type MadeWav } from './made_wav';

function problemOf(bytes: ArrayBuffer): ProblemKey {
  try {
    readWav(bytes);
  } catch (error) {
    if (error instanceof RecordingError) return error.problem.key;
    throw error;
  }
  throw new Error('was read');
}

describe('readWav refuses', () => {
  const cases: [string, MadeWav, ProblemKey][] = [
    ['what is no WAV', { riff: 'OggS' }, 'notWav'],
    ['a RIFF that holds a picture', { form: 'WEBP' }, 'notWav'],
    ['big-endian RIFX', { riff: 'RIFX' }, 'notLittleEndian'],
    ['ADPCM', { tag: 2, bits: 16 }, 'compressed'],
    ['MP3 in a WAV', { tag: 0x55, bits: 16 }, 'compressed'],
    ['floats of 16 bits', { tag: 3, bits: 16 }, 'compressed'],
    ['no channels', { channels: 0, data: [1] }, 'badHeader'],
    ['a thousand channels', { channels: 1000, data: [1] }, 'badHeader'],
    ['frames that do not fit the channels', { frameBytes: 3, data: [1, 2] }, 'badHeader'],
    ['no samples', { data: [] }, 'noSamples'],
    ['a copy that was cut', { data: [1, 2, 3], dataLength: 600 }, 'endsEarly'],
  ];
  test.each(cases)('%s', (_, made, key) => {
    expect(problemOf(madeWav(made))).toBe(key);
  });

  test('a header that ends in the middle', () => {
    expect(problemOf(madeWav({ data: [1] }).slice(0, 30))).toBe('badHeader');
    expect(problemOf(madeWav({ data: [1] }).slice(0, 12))).toBe('noFormat');
    expect(problemOf(new ArrayBuffer(5))).toBe('notWav');
  });
});

describe('readWav reads', () => {
  const cases: [string, MadeWav, number[]][] = [
    ['8 bits, which have no sign', { bits: 8, data: [-128, 0, 127] }, [-1, 0, 127 / 128]],
    ['16 bits', { bits: 16, data: [-32768, 0, 16384] }, [-1, 0, 0.5]],
    ['24 bits with a sign', { bits: 24, data: [-8388608, -1, 4194304] }, [-1, -1 / 8388608, 0.5]],
    ['32 bits', { bits: 32, data: [-2147483648, 1073741824] }, [-1, 0.5]],
    ['floats', { tag: 3, bits: 32, data: [-2.5, 9.75] }, [-2.5, 9.75]],
    ['long floats', { tag: 3, bits: 64, data: [-2.5, 9.75] }, [-2.5, 9.75]],
    ['the extensible header', { extensible: true, bits: 24, data: [4194304] }, [0.5]],
    ['past chunks of odd length', { before: [{ id: 'JUNK', bytes: 7 }], data: [16384] }, [0.5]],
    ['a recorder that never wrote the length', { data: [16384, 0], dataLength: 0 }, [0.5, 0]],
    ['a stream without a length', { data: [16384, 0], dataLength: 0xffffffff }, [0.5, 0]],
    ['no half frame at the end', { channels: 2, data: [16384, 0, 16384] }, [0.5]],
  ];
  test.each(cases)('%s', (_, made, samples) => {
    expect([...readWav(madeWav(made)).channels[0]!.samples]).toEqual(samples);
  });

  test('channels apart, with the rate', () => {
    const recording = readWav(madeWav({ channels: 2, rate: 25600, data: [0, 16384, 8192, -16384] }));
    expect(recording.sampleRateHz).toBe(25600);
    expect(recording.channels.map((channel) => channel.name)).toEqual(['1', '2']);
    expect([...recording.channels[1]!.samples]).toEqual([0.5, -0.5]);
    expect(recording.isFullScale).toBe(true);
    expect(readWav(madeWav({ tag: 3, bits: 32, data: [1] })).isFullScale).toBe(false);
  });

  test('nothing out of damaged files but a recording or a problem', () => {
    const whole = new Uint8Array(madeWav({ channels: 2, data: Array.from({ length: 64 }, (_, i) => i * 97) }));
    let state = 7;
    const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
    let refused = 0;
    for (let i = 0; i < 2000; i++) {
      const bytes = whole.slice(0, 12 + random(whole.length - 12));
      for (let k = random(4); k >= 0; k--) bytes[12 + random(bytes.length - 12 || 1)] = random(256);
      try {
        readWav(bytes.buffer);
      } catch (error) {
        expect(error).toBeInstanceOf(RecordingError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});
