import type { Diarization, DiarizeProgress } from '../../clustering/types.js';
import type { SpeakerCount } from '../../clustering/speaker-count.js';
import type { DiarizeOptions } from '../../diarize.js';
import type { ErrorCode } from '../../errors.js';
import type { EngineChoice, PrecisionChoice } from '../../native/engine-names.js';
import type { NamedTranscript } from '../../protocol/recording-result.js';
import type { Profile } from '../../speakers/index.js';

/** How a recording is to be heard, as whoever sent it says. */
export interface Asked {
  readonly count: SpeakerCount;
  readonly audio: NonNullable<DiarizeOptions['audio']>;
}

/** What came of a recording. */
export interface JobResult extends Diarization {
  /** Where a transcript came with it. */
  readonly transcript?: NamedTranscript | undefined;
}

/** What the process that diarizes is told, once. Recording and transcript are its descriptors `RECORDING_FD`, `TRANSCRIPT_FD`. */
export interface JobRequest extends Asked {
  readonly name: string;
  readonly bytes: number;
  /** Undefined: there is no transcript. */
  readonly transcriptBytes: number | undefined;
  readonly profiles: readonly Profile[];
  /** Model name or file; undefined for the bundled one. */
  readonly model: string | undefined;
  readonly engine: EngineChoice;
  readonly precision: PrecisionChoice;
  readonly threads: number;
}

/** What it says. */
export type JobMessage =
  | { readonly type: 'progress'; readonly progress: DiarizeProgress }
  | { readonly type: 'result'; readonly result: JobResult }
  | { readonly type: 'fault'; readonly code: ErrorCode; readonly message: string };

/** After standard input, output, error and the channel of messages. */
export const RECORDING_FD = 4;
export const TRANSCRIPT_FD = 5;
