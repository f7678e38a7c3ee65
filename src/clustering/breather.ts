import { othersTurn } from './others-turn.js';

/** Stretches between two looks at the clock. */
export const BLOCK = 64;

/** How long work goes on before others have their turn. Shorter: less delay for them, more turns. */
const SLICE_MS = 8;

/**
 * Long work in slices: between pieces of it `isDue` says whether others who wait for the event loop are to be served, and
 * `breathe` serves them.
 */
export class Breather {
  #sinceMs = performance.now();

  constructor(private readonly signal?: AbortSignal) {}

  get isDue(): boolean {
    return performance.now() - this.#sinceMs > SLICE_MS;
  }

  /** Rejects with the signal's reason. */
  async breathe(): Promise<void> {
    await othersTurn();
    this.signal?.throwIfAborted();
    this.#sinceMs = performance.now();
  }
}
