import { z } from 'zod';
import { ERROR_CODES } from '../errors.js';
import type { Profile } from '../speakers/profile.js';

/**
 * Every event is described here and nowhere else: its TypeScript type (`events.ts`), its form on the wire
 * (`wire-schemas.ts`), the documents of the service and the reader of event files follow from these schemas.
 * Positions are samples at 16 kHz from the start of the stream, ends are exclusive.
 */
const count = z.int().min(0);
const label = z.string().min(1);

/** A stretch of speech. */
export const stretchSchema = z.object({ startSample: count, endSample: count });

/** A stretch in which two voices are heard at once. */
export const overlapStretchSchema = stretchSchema.extend({
  /** Label of the second speaker; null if it cannot be determined. */
  other: label.nullable(),
});

/** Where channels are heard each by itself: which one, from 0. What is of the whole stream has none. */
const ofChannel = { channel: count.optional() };

/** One turn, as far as it is known: who speaks from where to where, and how sure that is. */
const turn = {
  ...ofChannel,
  /** Number of the turn; turns of a channel are numbered in order of time, and no other channel has the number. */
  turn: count,
  /** 0, 1, 2 … within the turn; a later revision replaces the earlier. */
  revision: count,
  /** Where the turn is estimated to begin. */
  startSample: count,
  /** Of a turn in progress, how far it is known. */
  endSample: count,
  /** How far into the stream the decision was made. */
  atSample: count,
  /** An enrolled name, `unknown-1`, `unknown-2` … (one unenrolled voice each), or `unknown`. */
  speaker: label,
  /** Whether `speaker` is an enrolled name. */
  known: z.boolean(),
  /** Cosine of the pooled evidence with the speaker's voice, of `unknown` with the best enrolled one; -1 to 1. */
  score: z.number(),
  /**
   * Probability that this label is right, according to the model's calibration. For `unknown`, `unknown-1` …:
   * probability that no enrolled speaker speaks.
   */
  probability: z.number().min(0).max(1),
};

const overlap = {
  /** Two voices are heard at once: of a turn that is not settled, at its end; of a settled one, somewhere in it. */
  overlap: z.boolean(),
  /** Labels of the speakers beside this one, where they can be determined. */
  others: z.array(label),
};

/** What a live stream can be told beside a change of the enrolled speakers; written once, as the events are. */
export const COMMAND_SCHEMAS = {
  name: z.object({
    type: z.literal('name'),
    /** Of the unknown voice: `unknown-1`. */
    label: z.string(),
    /**
     * Whose it is. A new name enrols the voice. The name of an enrolled speaker gives it to that speaker, and the label of
     * another unknown voice to that one: turns so far are corrected.
     */
    speaker: z.string(),
    /**
     * Where the speaker is enrolled: what was heard joins the profile. Otherwise (default) it is kept apart, as an
     * adaptation.
     */
    learn: z.boolean().optional(),
  }),
  assign: z.object({
    type: z.literal('assign'),
    /** Number of a turn that was told. */
    turn: count,
    /** Whose it is: an enrolled name, the label of an unknown voice, or `unknown`. Nothing that is heard later changes it. */
    speaker: z.string(),
  }),
};
export const nameCommandSchema = COMMAND_SCHEMAS.name;
export const assignCommandSchema = COMMAND_SCHEMAS.assign;

/** What a `command-refused` warning answers: the command without voices. */
export const refusedCommandSchema = z.discriminatedUnion('type', [
  nameCommandSchema,
  assignCommandSchema,
  z.object({ type: z.literal('speakers') }),
]);

/** By type. */
export const EVENT_SCHEMAS = {
  tentative: z.object({ type: z.literal('tentative'), ...turn, ...overlap }),
  final: z.object({
    type: z.literal('final'),
    ...turn,
    ...overlap,
    /** Speech within the turn, in order, without pauses of 0.3 s and more. */
    speech: z.array(stretchSchema).min(1),
    /** Where in the turn two voices are heard at once, in order. */
    overlaps: z.array(overlapStretchSchema),
  }),
  correction: z.object({
    type: z.literal('correction'),
    ...turn,
    /** The label before. */
    was: label,
  }),
  named: z.object({
    type: z.literal('named'),
    atSample: count,
    /** What it was called: `unknown-1`. */
    label,
    speaker: label,
    /**
     * `enrolled`: the speaker is new. `adapted`, `learnt`: the speaker was enrolled before, and what was heard lies apart
     * in the profile, as its last adaptation, or has joined it. `merged`: the speaker is another unknown voice.
     */
    how: z.enum(['enrolled', 'adapted', 'learnt', 'merged']),
    /** The speaker's profile as it is now; a `ProfileStore` can keep it. Absent where two unknown voices were merged. */
    profile: z.custom<Profile>((value) => typeof value === 'object' && value !== null).optional(),
    /** Of `learnt`: what was heard, as a profile of its own. Join it where the stored profile changed meanwhile. */
    heard: z.custom<Profile>((value) => typeof value === 'object' && value !== null).optional(),
  }),
  silence: z.object({ type: z.literal('silence'), ...ofChannel, startSample: count, atSample: count }),
  lag: z.object({
    type: z.literal('lag'),
    /** Position of the first lost sample. */
    startSample: count,
    lostSamples: count,
  }),
  warning: z.object({
    type: z.literal('warning'),
    code: z.enum(['input-all-zero', 'channels-alike', 'command-refused']),
    startSample: count,
    message: z.string(),
    /** Of a refused command: the code of the error that it was, such as `speaker-not-found`. */
    reason: z.enum(ERROR_CODES).optional(),
    /** Of a refused command: which it was; absent where it was no command at all. */
    command: refusedCommandSchema.optional(),
  }),
  end: z.object({
    type: z.literal('end'),
    /** Length of the stream. */
    endSample: count,
  }),
};
