import { z } from 'zod';
import type { Profile } from './profile.js';

/** A profile, as `enroll` or a store gives it. */
export const profileSchema = z.custom<Profile>(
  (value) => profileShape.safeParse(value).success,
  'expected profiles, as enroll or a ProfileStore gives them',
);
const vector = z.instanceof(Float32Array).refine((values) => values.every(Number.isFinite));
const profileShape = z.looseObject({
  name: z.string(),
  model: z.looseObject({ name: z.string(), fingerprint: z.string() }),
  centroid: vector,
  exemplars: z.array(vector),
  speechSeconds: z.number().min(0),
});
