import { Random } from '../src/acoustics/random.js';

/** The simulator's seeded generator as a function: uniform in [0, 1). */
export function randomNumbers(seed: number): () => number {
  const random = new Random(seed);
  return () => random.next();
}
