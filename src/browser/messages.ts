/** What the page and its worker say to each other. Both come of one build, so that nothing here has a version. */
import type { Diarization, DiarizeProgress } from '../clustering/types.js';
import type { DiarizeOptions } from '../diarize.js';
import type { ErrorCode } from '../errors.js';
import type { IdentifyEvent, TrackCommand } from '../events/events.js';
import type { IdentifyOptions } from '../identify.js';
import type { Calibration } from '../model/types.js';
import type { FindOptions, FoundVoices } from '../scoring/find-speakers.js';
import type { Verification, VerifyOptions } from '../scoring/verify.js';
import type { Enrollment, EnrollProgress } from '../speakers/enroll.js';
import type { Learnt } from '../speakers/lessons.js';
import type { Profile } from '../speakers/profile.js';
import type { SoundBlock } from '../stream/condition.js';
import type { AssetUrls } from './assets.js';

/** A source of the page, as the worker knows it. */
export interface SourceHead {
  readonly id: number;
  readonly live: boolean;
  readonly audio: 'mix' | 'channels';
  readonly durationSeconds: number | undefined;
}

/** Options of `identify` that can be sent: without functions, streams and networks. */
export type SentIdentifyOptions = Omit<
  IdentifyOptions,
  'model' | 'segmentation' | 'commands' | 'adapt' | 'onProfile'
>;
export type SentDiarizeOptions = Omit<DiarizeOptions, 'segmentation' | 'signal' | 'onProgress'>;

/** A voice that is compared: a source of the page, or an enrolled speaker. */
export type SentSide = { readonly source: SourceHead } | { readonly profile: Profile };

/** What is known of a network once it is loaded. */
export interface ModelFacts {
  readonly name: string;
  readonly fingerprint: string;
  readonly dimension: number;
  readonly calibration: Calibration | undefined;
  /** What it computes on: `SpeakerModel.device`. */
  readonly device: string;
}

/** What the worker can be asked for: the request, and what it answers with. */
export interface Calls {
  load: { request: { readonly assets: AssetUrls; readonly model: string | undefined }; answer: ModelFacts };
  embed: {
    request: { readonly samples: Float32Array; readonly sampleRateHz: number };
    answer: Float32Array;
  };
  identify: {
    request: {
      readonly source: SourceHead;
      readonly options: SentIdentifyOptions;
      readonly segmentation: boolean;
      readonly adapts: boolean;
    };
    answer: undefined;
  };
  enroll: {
    request: {
      readonly name: string;
      readonly sources: readonly SourceHead[];
      readonly others: readonly Profile[];
    };
    answer: Enrollment;
  };
  diarize: {
    request: { readonly sources: readonly SourceHead[]; readonly options: SentDiarizeOptions };
    answer: Diarization;
  };
  verify: {
    request: { readonly sides: readonly [SentSide, SentSide]; readonly options: VerifyOptions };
    answer: Verification;
  };
  findSpeakers: {
    request: {
      readonly side: SentSide;
      readonly speakers: readonly Profile[];
      readonly options: FindOptions;
    };
    answer: FoundVoices;
  };
}
export type CallName = keyof Calls;
export type Call = {
  [Name in CallName]: { readonly name: Name; readonly request: Calls[Name]['request'] };
}[CallName];

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
}

export type ToWorker =
  | { readonly kind: 'call'; readonly id: number; readonly call: Call }
  /** The call is no longer wanted; it is not answered. */
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'command'; readonly id: number; readonly command: TrackCommand }
  /** Answers to a pull. */
  | { readonly kind: 'sound'; readonly source: number; readonly block: SoundBlock }
  | { readonly kind: 'sound-end'; readonly source: number }
  | { readonly kind: 'sound-failed'; readonly source: number; readonly error: WireError };

export type FromWorker =
  /** The next block of a source is wanted. */
  | { readonly kind: 'pull'; readonly source: number }
  /** No more of it is. */
  | { readonly kind: 'close'; readonly source: number }
  | { readonly kind: 'event'; readonly id: number; readonly event: IdentifyEvent }
  | { readonly kind: 'profile'; readonly id: number; readonly profile: Profile }
  | { readonly kind: 'learnt'; readonly id: number; readonly learnt: Learnt }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: DiarizeProgress | EnrollProgress }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Calls[CallName]['answer'] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WireError };
