import { Random } from '../../../src/acoustics/random.js';
import { Mutator } from '../../../test/mutator.js';
import { AUDIO } from './audio.js';
import { DOCUMENTS } from './documents.js';
import type { Format } from './format.js';
import { MODELS } from './models.js';
import { SEGMENTATIONS } from './segmentation.js';

export type Formats = Readonly<Record<string, () => Format | Promise<Format>>>;

export { AUDIO };
export const OTHERS: Formats = { ...MODELS, ...SEGMENTATIONS, ...DOCUMENTS };
export const FORMATS: Formats = { ...AUDIO, ...OTHERS };

/** The same for the same seed and number, whatever came before. */
export function mutantOf(format: Format, seed: number, index: number): Uint8Array {
  return format.mutant(new Mutator(new Random(seed * 0x01000193 + index * 0x9e3779b1)));
}
