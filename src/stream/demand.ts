/**
 * Back pressure between a slow stage and the source that feeds it: the stage `acquire`s for each piece
 * of work it takes on and `release`s it when done; the source reads on only while fewer than `limit`
 * pieces are outstanding. Pure bookkeeping, no clock and no queue.
 */
export class Demand {
  readonly limit: number;
  #outstanding = 0;
  #waiting: (() => void)[] = [];

  /** @param limit pieces of work that may be outstanding before the source must wait; a whole number >= 1 */
  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`Demand: limit must be a whole number of at least 1, received ${limit}`);
    }
    this.limit = limit;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  acquire(n = 1): void {
    this.#outstanding += n;
  }

  release(n = 1): void {
    this.#outstanding = Math.max(0, this.#outstanding - n);
    if (this.#outstanding >= this.limit) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves once fewer than `limit` pieces are outstanding. */
  async ready(): Promise<void> {
    while (this.#outstanding >= this.limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
