import { SAMPLE_RATE_HZ } from '../stream/types.js';

type Times<Positions> = (Positions extends { readonly startSample: number }
  ? { readonly start: number }
  : unknown) &
  (Positions extends { readonly endSample: number } ? { readonly end: number } : unknown) &
  (Positions extends { readonly atSample: number } ? { readonly at: number } : unknown);

/** With `start`, `end` and `at` for its positions, and for those of its `speech`. */
export type InSeconds<Positions> = Positions extends { readonly speech: readonly (infer Stretch)[] }
  ? Omit<Positions, 'speech'> & { readonly speech: readonly (Stretch & Times<Stretch>)[] } & Times<Positions>
  : Positions & Times<Positions>;

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
  if ('speech' in told) told['speech'] = (told['speech'] as object[]).map((stretch) => inSeconds(stretch));
  return told as InSeconds<Positions>;
}
