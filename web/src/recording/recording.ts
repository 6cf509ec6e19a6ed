// What a recording file holds, whatever its format.

export interface RecordedChannel {
  /** Empty where the file names none. */
  name: string;
  /** A symbol that the server knows; empty where the file does not say. */
  unit: string;
  samples: Float32Array;
}

export interface Recording {
  /** At least one, all of one length. */
  channels: RecordedChannel[];
  /** 0: the file does not say. */
  sampleRateHz: number;
  measuredAt?: Date;
  /** Why the clock of the recording cannot be trusted. */
  clockProblem?: Problem;
  /** Samples of integers are shares of full scale: the file carries no unit. */
  isFullScale: boolean;
}

/** Something wrong with a file: a key of the catalogue of words, and what stands in its braces. */
export interface Problem {
  key: ProblemKey;
  values?: Record<string, string | number>;
}

export type ProblemKey =
  | 'notWav'
  | 'notLittleEndian'
  | 'compressed'
  | 'badHeader'
  | 'noFormat'
  | 'noSamples'
  | 'endsEarly'
  | 'notText'
  | 'empty'
  | 'noNumbers'
  | 'tooManyColumns'
  | 'rowLength'
  | 'notNumber'
  | 'notTime'
  | 'noSampleColumn'
  | 'tooLarge'
  | 'timeMissing'
  | 'timeJumpsBack'
  | 'timeGap'
  | 'timeUneven'
  | 'timeTooCoarse';

export class RecordingError extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.key} ${JSON.stringify(problem.values ?? {})}`);
  }
}

export function refuse(key: ProblemKey, values?: Problem['values']): never {
  throw new RecordingError(values ? { key, values } : { key });
}

/** What a browser is asked to read at most. */
export const maxFileBytes = 256 * 1024 * 1024;
