import { z } from 'zod';
import { scoringSchema } from '../model/config.js';
import type { Calibration, Scoring } from '../model/types.js';
import type { Learnt } from '../speakers/lessons.js';
import { assignCommandSchema, nameCommandSchema } from '../events/event-schemas.js';
import type { ModelIdentity, Profile } from '../speakers/profile.js';
import { profileSchema } from '../speakers/profile-schema.js';
import type { MakeVoiceIndex } from '../speakers/voice-index.js';

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const isFunction = (value: unknown): boolean => typeof value === 'function';

/** Checks a `TrackCommand`. */
export const commandSchema = z.discriminatedUnion('type', [
  nameCommandSchema.strict(),
  assignCommandSchema.strict(),
  z.strictObject({ type: z.literal('speakers'), speakers: z.array(profileSchema).readonly() }),
]);

/** Called with each turn that is fit to learn from. */
export const adaptSchema = z.custom<(learnt: Learnt) => void>(isFunction, 'expected a function');

/** Checks the options below and fills in the defaults. */
export const trackerSchema = z.strictObject({
  speakers: z.array(profileSchema).readonly(),
  model: z.custom<ModelIdentity>(isObject, 'expected a SpeakerModel').optional(),
  calibration: z.strictObject({ scale: z.number().positive(), offset: z.number() }).optional(),
  scoring: scoringSchema.strict().optional(),
  falseAcceptRate: z.number().gt(0).lt(1).optional(),
  threshold: z.number().min(-1).max(1).optional(),
  unknownPrior: z.number().gt(0).lt(1).optional(),
  latencySeconds: z.number().min(0.5).max(10).default(2.5),
  maxUnknown: z.int().min(1).max(100).default(20),
  minSilenceSeconds: z.number().min(0.1).max(5).default(0.8),
  minTurnSeconds: z.number().min(0).max(2).default(0.25),
  adapt: adaptSchema.optional(),
  onProfile: z.custom<(profile: Profile) => void>(isFunction, 'expected a function').optional(),
  makeIndex: z.custom<MakeVoiceIndex>(isFunction, 'expected a function').optional(),
});

export interface TrackerOptions {
  /** The speakers that can be named; all enrolled with one model. Without any, all speech is unknown. */
  readonly speakers: readonly Profile[];
  /** The model that made the windows: profiles of another are refused. Its calibration and cohort are the default. */
  readonly model?: ModelIdentity | undefined;
  /** Log-odds of "same speaker" by cosine; default the model's, else `DEFAULT_CALIBRATION`. */
  readonly calibration?: Calibration | undefined;
  /** What standardised scores mean, as `whospeaks calibrate` fits it; default the model's. */
  readonly scoring?: Scoring | undefined;
  /**
   * Largest share of unknown speakers' turns that may get an enrolled name, 0 to 1. A lower rate names fewer
   * turns. Default: 0.2 over all enrolled speakers, and at most 0.08 for any one of them. How high strangers score is
   * taken from how alike the enrolled speakers are.
   */
  readonly falseAcceptRate?: number | undefined;
  /** For experts: the cosine that a turn's pooled evidence must reach to be named, in place of `falseAcceptRate`. */
  readonly threshold?: number | undefined;
  /**
   * For experts: the prior that a turn is an unknown speaker's, 0 to 1. Default: at first that of any one enrolled speaker, then
   * learnt from the stream.
   */
  readonly unknownPrior?: number | undefined;
  /**
   * A turn is settled when the next one began this long ago, as far as is known then, or a pause ends it; 0.5 to 10 s of audio,
   * default 2.5.
   */
  readonly latencySeconds?: number | undefined;
  /** Unknown voices told apart at most; the one not heard for longest makes room. Default 20. */
  readonly maxUnknown?: number | undefined;
  /** A pause this long ends a turn; default 0.8 s, and no more than `latencySeconds`. */
  readonly minSilenceSeconds?: number | undefined;
  /** Speech shorter than this is not a turn of its own; default 0.25 s. */
  readonly minTurnSeconds?: number | undefined;
  /**
   * Adaptation, off by default. If given, stored adaptations of profiles count. It is called with every long,
   * sure and clean turn, once no later turn can reassign it (at the latest at the end of the stream):
   * `ProfileStore.adapt` keeps it for later streams.
   */
  readonly adapt?: ((learnt: Learnt) => void) | undefined;
  /**
   * Called with a better profile of a speaker that was named on this stream: each time that twice as much was heard of it, and at
   * the end of the stream. It is made from all that is surely the speaker's, of 60 s of speech at the most.
   */
  readonly onProfile?: ((profile: Profile) => void) | undefined;
  /** Finds the nearest of many enrolled speakers; default compares with all. */
  readonly makeIndex?: MakeVoiceIndex | undefined;
}
