import type { z } from 'zod';
import type { wordSchema } from './word-schema.js';

/** A word as a recogniser told it. Times are seconds from the start of the recording. */
export type Word = Readonly<z.output<typeof wordSchema>>;
