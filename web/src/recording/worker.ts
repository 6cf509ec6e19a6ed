import { readRecording } from './read';
import { RecordingError, type Problem, type Recording } from './recording';

/** What the worker answers: a recording, or what is wrong with the file. */
export type WorkerAnswer = { recording: Recording } | { problem: Problem };

self.onmessage = async (event: MessageEvent<File>) => {
  try {
    const recording = readRecording(await event.data.arrayBuffer());
    const answer: WorkerAnswer = { recording };
    const buffers = recording.channels.map((channel) => channel.samples.buffer);
    self.postMessage(answer, { transfer: buffers });
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    const answer: WorkerAnswer = { problem: error.problem };
    self.postMessage(answer);
  }
};
