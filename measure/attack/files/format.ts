import type { Mutator } from '../../../test/mutator.js';

/** One kind of file that the product reads. */
export interface Format {
  /** What it is called where the product looks for it. */
  readonly file: string;
  /** Files that are read without an error: what mutants are made of. */
  readonly valid: readonly Uint8Array[];
  mutant(mutator: Mutator): Uint8Array;
  /** What lies beside it; made once. */
  prepare?(folder: string): Promise<void>;
  /** Read it as the product does. @returns a word for how that went; rejects with the product's error */
  read(path: string, alive: () => void): Promise<string>;
}
