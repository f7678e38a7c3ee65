import { z } from 'zod';
import type { AudioSource } from './types.js';

/** Of an option that is a source of sound. */
export const sourceSchema = z.custom<AudioSource>(
  (value) => typeof (value as AudioSource | null)?.[Symbol.asyncIterator] === 'function',
  'expected an AudioSource, such as fromFile gives',
);
