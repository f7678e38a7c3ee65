import { z } from 'zod';
import { liveWordSchema } from '../transcript/words/word-schema.js';
import { EVENT_SCHEMAS } from './event-schemas.js';
import { SECONDS_OF, type InSeconds } from './in-seconds.js';
import type { IdentifyEvent, NamedEvent } from './events.js';

const seconds = z.number().min(0);
const word = z.int().min(0);

/** Words of a recogniser under names, what changed of them: of a service's stream whose client sends words. */
const wordsSchema = z.strictObject({
  type: z.literal('words'),
  /** Numbers of guesses that are withdrawn, before `words` are told: the same number may come again. */
  removed: z.array(word).readonly(),
  /** New ones, and those with a new revision. */
  words: z.array(z.strictObject(liveWordSchema.shape).readonly()).readonly(),
  /** Words before this number are corrected no more: there are too many. */
  droppedBefore: word.optional(),
});

/** What the tracker tells as JSON tells it: positions in seconds too, and no voiceprint. */
export type WireTurnEvent = InSeconds<
  Exclude<IdentifyEvent, NamedEvent> | Omit<NamedEvent, 'profile' | 'heard'>
>;
/** An event of a stream. */
export type WireEvent = WireTurnEvent | Readonly<z.output<typeof wordsSchema>>;

/** The schemas of `EVENT_SCHEMAS` in that form. */
export const wireEventSchema = z.discriminatedUnion('type', [
  ...Object.values({
    ...EVENT_SCHEMAS,
    named: EVENT_SCHEMAS.named.omit({ profile: true, heard: true }),
  }).map((schema) => schemaInSeconds(schema)),
  wordsSchema,
] as unknown as [z.ZodObject, ...z.ZodObject[]]) as unknown as z.ZodType<WireEvent, WireEvent>;

/** As `inSeconds`, of the schema. */
function schemaInSeconds(schema: z.ZodObject): z.ZodObject {
  const fields: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  const shape: Record<string, z.core.$ZodType> = {};
  for (const [field, type] of Object.entries(fields)) {
    shape[field] = arrayInSeconds(type);
    if (field in SECONDS_OF) shape[SECONDS_OF[field as keyof typeof SECONDS_OF]] = seconds;
  }
  return z.strictObject(shape);
}

function arrayInSeconds(type: z.core.$ZodType): z.core.$ZodType {
  if (!(type instanceof z.ZodArray)) return type;
  const { element } = type.def;
  return element instanceof z.ZodObject
    ? new z.ZodArray({ ...type.def, element: schemaInSeconds(element) })
    : type;
}
