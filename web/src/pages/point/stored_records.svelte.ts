// Which records of a point have their samples, newest first.
import { pages, type StoredWaveform } from '../../api/client';

const mostRecords = 5000;

export async function storedRecords(point: string, signal: AbortSignal): Promise<StoredWaveform[]> {
  const all: StoredWaveform[] = [];
  for await (const page of pages('ListWaveforms', { parent: point, pageSize: 1000 }, { signal })) {
    all.push(...(page.waveforms ?? []));
    if (all.length >= mostRecords) break;
  }
  return all;
}
