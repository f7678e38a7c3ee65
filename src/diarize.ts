import { z } from 'zod';
import type { Observable } from 'rxjs';
import type { Diarization, DiarizeProgress, WindowSegmenter } from './clustering/types.js';
import { WhospeaksError } from './errors.js';
import type { SpeakerModel } from './native/speaker-model.js';
import { parseOptions } from './options.js';
import { assertDistinct, assertSameModel, type Profile } from './speakers/profile.js';
import { sourceSchema } from './stream/source-schema.js';
import type { AudioSource } from './stream/types.js';

export interface DiarizeOptions {
  /** How many speakers there are; default: as many as the recording shows. Not together with the next two. */
  readonly speakers?: number;
  readonly minSpeakers?: number;
  readonly maxSpeakers?: number;
  /** Enrolled speakers, made with the same model: they are looked for, and name their segments. */
  readonly profiles?: readonly Profile[];
  /** `mix`: one source, one recording. `channels`: a list of sources, each channel its own recording. Default `mix`. */
  readonly audio?: 'mix' | 'channels';
  /** Default: the bundled pyannote/segmentation-3.0, loaded for this call. */
  readonly segmentation?: WindowSegmenter;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DiarizeProgress) => void;
}

const count = z.int().min(1).max(1000).optional();

const schema = z
  .strictObject({
    speakers: count,
    minSpeakers: count,
    maxSpeakers: count,
    profiles: z.array(z.custom<Profile>()).readonly().default([]),
    audio: z.enum(['mix', 'channels']).default('mix'),
    segmentation: z.custom<WindowSegmenter>().optional(),
    signal: z.instanceof(AbortSignal).optional(),
    onProgress: z.custom<(progress: DiarizeProgress) => void>((value) => typeof value === 'function').optional(),
  })
  .refine((o) => o.speakers === undefined || (o.minSpeakers ?? o.maxSpeakers) === undefined, {
    path: ['speakers'],
    error: 'expected either speakers, or minSpeakers and maxSpeakers',
  })
  .refine((o) => (o.minSpeakers ?? 1) <= (o.maxSpeakers ?? Infinity), {
    path: ['minSpeakers'],
    error: 'expected at most maxSpeakers',
  });

/**
 * Who spoke when in a whole recording: segments in order, overlapping where two talk at once, and the speakers.
 *
 * @param source a recording; with `audio: 'channels'` one source a channel
 * Rejects with `invalid-option`, `model-mismatch` (a profile of another model), `speaker-exists`, what the source and the
 * networks reject with, or the signal's reason. Silence is no error: no segments.
 */
export function diarize(
  model: SpeakerModel,
  source: AudioSource | readonly AudioSource[],
  options?: DiarizeOptions,
): Promise<Diarization> {
  const { profiles, audio } = parseOptions('diarize', schema, options);
  parseOptions('diarize', z.object({ source: audio === 'mix' ? sourceSchema : z.array(sourceSchema).min(1) }), { source });
  assertDistinct(profiles);
  assertSameModel(model, profiles);
  return Promise.reject(new WhospeaksError('engine-failed', 'diarize is not built yet'));
}

/** What `diarization` tells: progress, then the result, then it completes. */
export type DiarizationEvent =
  | ({ readonly type: 'progress' } & DiarizeProgress)
  | ({ readonly type: 'result' } & Diarization);

/** `diarize` as a cold Observable: each subscription reads `source` once, and unsubscribing stops it. */
export declare function diarization(
  model: SpeakerModel,
  source: AudioSource | readonly AudioSource[],
  options?: Omit<DiarizeOptions, 'signal' | 'onProgress'>,
): Observable<DiarizationEvent>;
