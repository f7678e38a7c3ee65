import { z } from 'zod';
import { EVENT_SCHEMAS } from './event-schemas.js';
import { SECONDS_OF, type InSeconds } from './in-seconds.js';
import type { IdentifyEvent, NamedEvent } from './events.js';

/** An event as JSON tells it: positions in seconds too, and no voiceprint. */
export type WireEvent = InSeconds<Exclude<IdentifyEvent, NamedEvent> | Omit<NamedEvent, 'profile' | 'heard'>>;

const seconds = z.number().min(0);

/** The schemas of `EVENT_SCHEMAS` in that form. */
export const wireEventSchema = z.discriminatedUnion(
  'type',
  Object.values({ ...EVENT_SCHEMAS, named: EVENT_SCHEMAS.named.omit({ profile: true, heard: true }) }).map(
    (schema) => schemaInSeconds(schema),
  ) as unknown as [z.ZodObject, ...z.ZodObject[]],
) as unknown as z.ZodType<WireEvent, WireEvent>;

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
