import { z } from 'zod';

export type Json = Readonly<Record<string, unknown>>;

/** A schema as both descriptions hold it. */
export function schemaOf(schema: z.ZodType): Json {
  return Object.fromEntries(
    Object.entries(z.toJSONSchema(schema, { io: 'input' })).filter(([key]) => key !== '$schema'),
  );
}
