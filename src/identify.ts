import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  isObservable,
  map,
  merge,
  share,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { z } from 'zod';
import { parseOptions } from './options.js';
import { chunks, Demand, frames, warnings, type AudioSource } from './stream/index.js';
import { features, windows } from './fbank/index.js';
import type { Scoring } from './model/index.js';
import { embeddings, nativeFrontEnd } from './native/index.js';
import type { EnrollModel, Profile } from './speakers/index.js';
import { indexVoices, track, type IdentifyEvent, type Learnt, type TrackCommand } from './tracker/index.js';
import { scoringSchema } from './model/config.js';
import { sourceSchema } from './stream/source-schema.js';
import { modelSchema } from './speakers/enroll.js';
import { adaptSchema, profileSchema } from './tracker/tracker-options.js';

/** Windows that may wait for the network before the source is asked for no more. */
const MAX_PENDING_WINDOWS = 8;

const schema = z.strictObject({
  model: modelSchema,
  speakers: z.array(profileSchema).default([]),
  scoring: scoringSchema.strict().optional(),
  falseAcceptRate: z.number().gt(0).lt(1).optional(),
  threshold: z.number().min(-1).max(1).optional(),
  latencySeconds: z.number().min(0.5).max(10).optional(),
  adapt: adaptSchema.optional(),
  maxUnknown: z.int().min(1).max(100).optional(),
  commands: z
    .custom<Observable<TrackCommand>>(
      (value) => isObservable(value),
      'expected an Observable of TrackCommand',
    )
    .optional(),
  windowMs: z.number().min(500).max(10_000).default(1500),
  stepMs: z.number().min(100).max(5_000).default(500),
  maxStepMs: z.number().min(100).max(10_000).optional(),
});

export interface IdentifyOptions {
  /** The network, a `SpeakerModel` or the like; profiles must have been made by the same one. */
  model: EnrollModel;
  /** Who may be named. With none, all speech is `unknown`. */
  speakers?: readonly Profile[];
  /** What scores mean, as `whospeaks calibrate` fits it to recordings; default the model's. */
  scoring?: Scoring;
  /** Share of strangers' turns that may be given an enrolled name; see `TrackerOptions` for the default. Lower names fewer. */
  falseAcceptRate?: number;
  /** For experts: the cosine that a turn must reach to be named, in place of `falseAcceptRate`. */
  threshold?: number;
  /** A turn is settled when the next one began this long ago, or a pause ends it; seconds of audio, 0.5 to 10, default 2.5. */
  latencySeconds?: number;
  /** Adaptation, off by default: called with every turn that is fit to learn from. See `TrackerOptions.adapt`. */
  adapt?: (learnt: Learnt) => void;
  /** Unknown voices told apart at most; default 20. */
  maxUnknown?: number;
  /** What the stream is told while it runs: name an unknown voice, replace the enrolled speakers. */
  commands?: Observable<TrackCommand>;
  /** Length of the sliding window, ms; default 1500. */
  windowMs?: number;
  /** How often a window is embedded, ms; default 500. */
  stepMs?: number;
  /** Let the step grow to this, ms, while one voice goes on: less work, see `WindowOptions`; default off. */
  maxStepMs?: number;
}

/**
 * Who is speaking, as a cold Observable: each subscription reads `source` once, and unsubscribing closes
 * it. The source is pulled no faster than the network runs. Completes after the `end` event. Where the
 * source breaks, what came before is told first, then the Observable errors with a WhospeaksError.
 * @throws {WhospeaksError} `invalid-option`, at the call
 */
export function identify(source: AudioSource, options: IdentifyOptions): Observable<IdentifyEvent> {
  parseOptions('identify', z.object({ source: sourceSchema }), { source });
  const { windowMs, stepMs, maxStepMs, ...tracking } = parseOptions('identify', schema, options);
  const { model } = tracking;
  return defer(() => {
    const demand = new Demand(MAX_PENDING_WINDOWS);
    // A source that breaks ends the stream, so that every stage flushes what came before; then the error is told.
    let fault: Error | undefined;
    let heardSamples = 0;
    const audio = chunks(source, demand).pipe(
      tap(({ startSample, samples }) => (heardSamples = startSample + samples.length)),
      catchError((error: Error) => {
        fault = error;
        return EMPTY;
      }),
      share(),
    );
    const answer = audio.pipe(
      frames(),
      features(nativeFrontEnd),
      windows({ windowMs, stepMs, ...(maxStepMs === undefined ? {} : { maxStepMs }) }),
      embeddings(model, { demand }),
      track({ ...defined(tracking), makeIndex: indexVoices }),
      // The tracker knows the end to the frame; the source knows it to the sample.
      map((event) => (event.type === 'end' ? { ...event, endSample: heardSamples } : event)),
      filter((event) => event.type !== 'end' || fault === undefined),
    );
    const failure = defer(() => (fault === undefined ? EMPTY : throwError(() => fault)));
    return concat(source.live ? merge(answer, audio.pipe(warnings())) : answer, failure);
  });
}

/** Without the keys that are undefined: the tracker knows their defaults. */
function defined<Options extends object>(
  options: Options,
): { [Key in keyof Options]: Exclude<Options[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Options]: Exclude<Options[Key], undefined>;
  };
}
