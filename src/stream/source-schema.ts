import { z } from 'zod';
import type { AudioSource } from './types.js';

/** Of an option that is a source of sound. */
export const sourceSchema = z.custom<AudioSource>(
  (value) => typeof (value as AudioSource | null)?.[Symbol.asyncIterator] === 'function',
  'expected an AudioSource, such as fromFile gives',
);

/** Of an argument that is a source of sound, or makes one. */
export const sourceOrFactorySchema = z.union(
  [sourceSchema, z.custom<() => AudioSource>((value) => typeof value === 'function')],
  {
    error: 'expected an AudioSource, such as fromFile gives, or a function that makes one',
  },
);
