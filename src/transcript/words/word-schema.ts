import { z } from 'zod';
import { parseOptions } from '../../options.js';

const seconds = z.number().min(0);

/** A word as a recogniser told it; described here and nowhere else. Times are seconds from the start of the recording. */
export const wordSchema = z.object({
  /** As written, with its punctuation and without blanks at its ends. */
  text: z.string().min(1),
  start: seconds,
  /** Not before `start`. */
  end: seconds,
  /** Whoever the recogniser says: `A`, `1`, `SPEAKER_00`. No name of ours. */
  speaker: z.string().optional(),
  /** The recogniser's own, 0 to 1: that the word is right. */
  confidence: z.number().min(0).max(1).optional(),
  /** Of a recording whose channels were recognised apart: which one, from 0. */
  channel: z.int().min(0).optional(),
});

/** A word of a stream as it stands, under the name of whoever says it. */
export const liveWordSchema = wordSchema.omit({ speaker: true }).extend({
  /** Number of the word, in the order in which they were told. */
  word: z.int().min(0),
  /** 0, 1, 2 ... within the word; a later revision replaces the earlier. */
  revision: z.int().min(0),
  /** The recogniser and the speaker's turn are settled. A correction of the turn may still rename it. */
  final: z.boolean(),
  /** A label of the turns; `unknown` where nobody talks within 2 s. */
  speaker: z.string().min(1),
  /** Whether `speaker` is an enrolled name. */
  known: z.boolean(),
  /** Probability that the word is this speaker's, 0 to 1. */
  probability: z.number().min(0).max(1),
});

const wordsEventSchema = z.object({
  words: z.array(wordSchema),
  final: z.boolean(),
  channel: wordSchema.shape.channel,
});

/** @throws {WhospeaksError} `invalid-option` in the name of `where` */
export function assertWordsEvent(where: string, event: unknown): void {
  parseOptions(where, wordsEventSchema, event);
}
