import { SAMPLE_RATE_HZ } from '../stream/types.js';

/** What each position is called in seconds. */
export const SECONDS_OF = { startSample: 'start', endSample: 'end', atSample: 'at' } as const;
/** A field that is a position. */
export type Position = keyof typeof SECONDS_OF;

/** With `start`, `end` and `at` for its positions, and for those of the stretches in it. */
export type InSeconds<Event> = Event extends unknown
  ? { readonly [Field in keyof Event]: StretchesInSeconds<Event[Field]> } & {
      readonly [Field in keyof Event & Position as (typeof SECONDS_OF)[Field]]: number;
    }
  : never;

/** Of a list of stretches, each in seconds too; anything else as it is. */
export type StretchesInSeconds<Value> = Value extends readonly (infer Item extends { startSample: number })[]
  ? readonly InSeconds<Item>[]
  : Value;

/** An event with its positions in seconds beside the samples, as JSON tells it. */
export function inSeconds<Event extends object>(event: Event): InSeconds<Event> {
  const told: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(event) as [string, unknown][]) {
    told[field] = Array.isArray(value) ? value.map(itemInSeconds) : value;
    if (field in SECONDS_OF) told[SECONDS_OF[field as Position]] = (value as number) / SAMPLE_RATE_HZ;
  }
  return told as InSeconds<Event>;
}

function itemInSeconds(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'startSample' in item ? inSeconds(item) : item;
}
