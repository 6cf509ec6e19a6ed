import type { Channel, DiagnoseRequest, Foundation, Machine, Point, Quantity } from '../../api/client';
import { quantityOf, unitsOfQuantity } from '../../recording/units';
import type { Recording } from '../../recording/recording';

/** What is asked about one channel of the file. */
export interface ChannelDraft {
  included: boolean;
  id: string;
  quantity: Quantity;
  unit: string;
  /** Of samples that are shares of full scale: what full scale is, in the unit. */
  fullScale: number | undefined;
}

export interface Draft {
  channels: ChannelDraft[];
  sampleRateHz: number | undefined;
  speedRpm: number | undefined;
  /** Where the file was measured; its machine and channels apply. */
  point: Point | undefined;
  bearings: { bearing: string | undefined; shaftRatio: number | undefined }[];
  ratedPowerKw: number | undefined;
  foundation: Foundation;
}

/** Keys of the words that say what is missing. */
export type Gap = 'gap_rate' | 'gap_channels' | 'gap_full_scale' | 'gap_short' | 'gap_mixed';

/** The server judges 256 to 4,194,304 samples a channel; all channels together are sent up to this. */
export const mostSamples = 2 ** 21;
const fewestSamples = 256;

function channelDraft(recording: Recording, index: number, channel: Channel | undefined): ChannelDraft {
  const { name, unit } = recording.channels[index]!;
  const quantity = quantityOf(unit) ?? channel?.quantity ?? 'QUANTITY_ACCELERATION';
  return {
    included: true,
    id: channel?.id || name || (recording.channels.length > 1 ? String(index + 1) : ''),
    quantity,
    unit: unit || channel?.unit || unitsOfQuantity[quantity]![0]!,
    fullScale: recording.isFullScale ? undefined : 1,
  };
}

/** What the file and the point say already; the rest is for people to fill in. */
export function draftOf(recording: Recording, point?: Point): Draft {
  const known = point?.channels ?? [];
  const channels = recording.channels.map((_, i) => channelDraft(recording, i, known[i]));
  // Of a file with more channels than the point has, the first ones.
  if (known.length > 0) channels.forEach((channel, i) => (channel.included = i < known.length));
  return {
    channels,
    sampleRateHz: recording.sampleRateHz || point?.sampleRateHz || undefined,
    speedRpm: undefined,
    point,
    bearings: [{ bearing: undefined, shaftRatio: undefined }],
    ratedPowerKw: undefined,
    foundation: 'FOUNDATION_UNSPECIFIED',
  };
}

const electrical: Quantity[] = ['QUANTITY_CURRENT', 'QUANTITY_VOLTAGE'];

/** What keeps the recording from being judged. */
export function gapsOf(draft: Draft, sampleCount: number): Gap[] {
  const included = draft.channels.filter((channel) => channel.included);
  const signals = included.filter((channel) => channel.quantity !== 'QUANTITY_TACHOMETER');
  const electricalCount = signals.filter((channel) => electrical.includes(channel.quantity)).length;
  const gaps: Gap[] = [];
  if (!draft.sampleRateHz || draft.sampleRateHz <= 0) gaps.push('gap_rate');
  const wanted = draft.point?.channels?.length;
  if (included.length === 0 || included.length > 16 || (wanted && wanted !== included.length)) gaps.push('gap_channels');
  if (included.some((channel) => !channel.fullScale)) gaps.push('gap_full_scale');
  if (sampleCount < fewestSamples) gaps.push('gap_short');
  if (electricalCount > 0 && electricalCount < signals.length) gaps.push('gap_mixed');
  return gaps;
}

function base64Of(samples: Float32Array): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const portion = 0x8000;
  let text = '';
  for (let at = 0; at < bytes.length; at += portion) text += String.fromCharCode(...bytes.subarray(at, at + portion));
  return btoa(text);
}

/** How many samples of each channel are sent. */
export const sentSamples = (draft: Draft, sampleCount: number): number =>
  Math.min(sampleCount, Math.floor(mostSamples / Math.max(1, draft.channels.filter((c) => c.included).length)));

function machineOf(draft: Draft): Machine {
  const bearings = draft.bearings
    .filter((mounted) => mounted.bearing)
    .map(({ bearing, shaftRatio }) => ({ bearing, ...(shaftRatio && { shaftRatio }) }));
  return {
    bearings,
    ...(draft.speedRpm && { ratedSpeedRpm: draft.speedRpm }),
    ...(draft.ratedPowerKw && { ratedPowerKw: draft.ratedPowerKw }),
    ...(draft.foundation !== 'FOUNDATION_UNSPECIFIED' && { foundation: draft.foundation }),
  };
}

/** The call that judges the recording; nothing is stored. */
export function diagnoseRequestOf(draft: Draft, recording: Recording, languageCode: string): DiagnoseRequest {
  const count = sentSamples(draft, recording.channels[0]!.samples.length);
  const included = draft.channels.flatMap((channel, i) => (channel.included ? [{ channel, i }] : []));
  return {
    languageCode,
    ...(draft.point
      ? { point: draft.point.name }
      : {
          machine: machineOf(draft),
          channels: included.map(({ channel }) => ({ id: channel.id, quantity: channel.quantity, unit: channel.unit })),
        }),
    waveform: {
      ...(draft.point && { point: draft.point.name }),
      measuredAt: (recording.measuredAt ?? new Date()).toISOString(),
      sampleRateHz: draft.sampleRateHz,
      channels: included.map(({ channel, i }) => ({
        id: draft.point ? '' : channel.id,
        unit: channel.unit,
        encoded: {
          octets: base64Of(recording.channels[i]!.samples.subarray(0, count)),
          encoding: 'SAMPLE_ENCODING_FLOAT32_LE',
          scale: channel.fullScale,
        },
      })),
      ...(draft.speedRpm !== undefined && { conditions: { speedRpm: draft.speedRpm } }),
    },
  };
}
