// Channels of a point, as the API and people name them.
import type { Channel, Point } from '../../api/client';

export const isElectrical = (point: Point): boolean =>
  (point.channels ?? []).some(({ quantity }) => quantity === 'QUANTITY_CURRENT' || quantity === 'QUANTITY_VOLTAGE');

/** Channels with a signal to look at; a tachometer has none. */
export const signalChannels = (point: Point): Channel[] =>
  (point.channels ?? []).filter(({ quantity }) => quantity !== 'QUANTITY_TACHOMETER');

/** What the API takes for a channel: its id, or its number where it has none. */
export const channelKey = (point: Point, channel: Channel): string =>
  channel.id || String((point.channels ?? []).indexOf(channel) + 1);

const siUnits: Readonly<Record<string, string>> = {
  QUANTITY_ACCELERATION: 'm/s2',
  QUANTITY_VELOCITY: 'mm/s',
  QUANTITY_DISPLACEMENT: 'um',
  QUANTITY_CURRENT: 'A',
  QUANTITY_VOLTAGE: 'V',
};

/** Unit that values of the channel are shown in unless another is chosen. */
export const unitOf = (channel: Channel | undefined): string => siUnits[channel?.quantity ?? ''] ?? 'm/s2';
