import { SAMPLE_RATE_HZ } from '../stream/types.js';

type Times<Positions> = (Positions extends { readonly startSample: number }
  ? { readonly start: number }
  : unknown) &
  (Positions extends { readonly endSample: number } ? { readonly end: number } : unknown) &
  (Positions extends { readonly atSample: number } ? { readonly at: number } : unknown);

/** The fields of a `final` that hold stretches. */
const STRETCHES = ['speech', 'overlaps'] as const;
type StretchField = (typeof STRETCHES)[number];

/** With `start`, `end` and `at` for its positions, and for those of its stretches. */
export type InSeconds<Positions> = Positions extends unknown
  ? Omit<Positions, StretchField> & {
      [Field in keyof Positions & StretchField]: Positions[Field] extends readonly (infer Stretch)[]
        ? readonly (Stretch & Times<Stretch>)[]
        : never;
    } & Times<Positions>
  : never;

/** An event with its positions in seconds beside the samples, as JSON tells it. */
export function inSeconds<Positions extends object>(positions: Positions): InSeconds<Positions> {
  const told = { ...positions } as Record<string, unknown>;
  for (const [position, name] of [
    ['startSample', 'start'],
    ['endSample', 'end'],
    ['atSample', 'at'],
  ] as const) {
    if (position in told) told[name] = (told[position] as number) / SAMPLE_RATE_HZ;
  }
  for (const field of STRETCHES) {
    if (field in told) told[field] = (told[field] as object[]).map((stretch) => inSeconds(stretch));
  }
  return told as InSeconds<Positions>;
}
