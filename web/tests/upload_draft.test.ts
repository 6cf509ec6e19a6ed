import { describe, expect, test } from 'vitest';
import type { Point } from '../src/api/client';
import { diagnoseRequestOf, draftOf, gapsOf, mostSamples, sentSamples } from '../src/pages/upload/draft';
import type { Recording } from '../src/recording/recording';

const recordingOf = (channels: number, length: number, rest: Partial<Recording> = {}): Recording => ({
  channels: Array.from({ length: channels }, (_, i) => ({
    name: channels > 1 ? `c${i}` : '',
    unit: '',
    samples: new Float32Array(length).fill(i + 1),
  })),
  sampleRateHz: 12800,
  isFullScale: false,
  ...rest,
});
const point: Point = {
  name: 'sites/a/assets/b/points/c',
  sampleRateHz: 25600,
  channels: [
    { id: 'H', quantity: 'QUANTITY_VELOCITY', unit: 'mm/s' },
    { id: 'V', quantity: 'QUANTITY_VELOCITY', unit: 'mm/s' },
  ],
};

describe('a draft', () => {
  test('takes from the point what the file does not say', () => {
    const draft = draftOf(recordingOf(3, 300, { sampleRateHz: 0 }), point);
    expect(draft.sampleRateHz).toBe(25600);
    expect(draft.channels.map(({ included, unit }) => [included, unit])).toEqual([
      [true, 'mm/s'],
      [true, 'mm/s'],
      [false, 'g'],
    ]);
    expect(gapsOf(draft, 300)).toEqual([]);
  });

  test('says what keeps it from being judged', () => {
    expect(gapsOf(draftOf(recordingOf(1, 100, { sampleRateHz: 0, isFullScale: true })), 100)).toEqual([
      'gap_rate',
      'gap_full_scale',
      'gap_short',
    ]);
    expect(gapsOf(draftOf(recordingOf(1, 300), point), 300)).toEqual(['gap_channels']);
    const mixed = draftOf(recordingOf(2, 300));
    mixed.channels[1]!.quantity = 'QUANTITY_CURRENT';
    expect(gapsOf(mixed, 300)).toEqual(['gap_mixed']);
  });

  test('is sent as little-endian floats, and no more than the server takes', () => {
    const recording = recordingOf(2, 300);
    const draft = draftOf(recording);
    draft.channels[0]!.included = false;
    draft.speedRpm = 0;
    const { waveform, channels } = diagnoseRequestOf(draft, recording, 'en');
    expect(channels).toHaveLength(1);
    const octets = Buffer.from(waveform!.channels![0]!.encoded!.octets!, 'base64');
    expect([octets.length, octets.readFloatLE(1196)]).toEqual([1200, 2]);
    expect(waveform!.conditions).toEqual({ speedRpm: 0 }); // a machine that stands still
    expect(sentSamples(draftOf(recording), mostSamples)).toBe(mostSamples / 2);
  });
});
