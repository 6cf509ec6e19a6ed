import { maxFileBytes, RecordingError, type Recording } from './recording';
import type { WorkerAnswer } from './worker';

/** Reads a file in a worker, so that the page goes on answering. Rejects with RecordingError, or with AbortError. */
export function loadRecording(file: File, signal?: AbortSignal): Promise<Recording> {
  if (file.size > maxFileBytes) {
    const megabytes = maxFileBytes / 1024 / 1024;
    return Promise.reject(new RecordingError({ key: 'tooLarge', values: { megabytes } }));
  }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const answer = new Promise<Recording>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => {
      if ('recording' in data) resolve(data.recording);
      else reject(new RecordingError(data.problem));
    };
    worker.onerror = (event) => reject(new Error(event.message));
    signal?.addEventListener('abort', () => reject(signal.reason));
    worker.postMessage(file);
  });
  return answer.finally(() => worker.terminate());
}
