import { z } from 'zod';

/** More than any recording has: a bound for what is asked for. */
export const MAX_SPEAKERS = 1000;

/** How many speakers a recording has, as far as it is known. */
export interface SpeakerCount {
  /** How many speakers there are; default: as many as the recording shows. Not together with the next two. */
  readonly speakers?: number | undefined;
  readonly minSpeakers?: number | undefined;
  readonly maxSpeakers?: number | undefined;
}

const count = z.int().min(1).max(MAX_SPEAKERS).optional();

/** The options of a count, for every function that takes one; `withCountRules` says what they owe each other. */
export const countFields = { speakers: count, minSpeakers: count, maxSpeakers: count };

export function withCountRules<Schema extends z.ZodObject<typeof countFields>>(fields: Schema): Schema {
  return fields
    .refine((o) => o.speakers === undefined || (o.minSpeakers ?? o.maxSpeakers) === undefined, {
      path: ['speakers'],
      error: 'expected either speakers, or minSpeakers and maxSpeakers',
    })
    .refine((o) => (o.minSpeakers ?? 1) <= (o.maxSpeakers ?? MAX_SPEAKERS), {
      path: ['minSpeakers'],
      error: 'expected at most maxSpeakers',
    });
}

export const countSchema = withCountRules(z.strictObject(countFields));
