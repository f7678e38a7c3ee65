/**
 * Work of several groups of which only so much may run at once. Groups take turns: one that asks for more than it
 * gets waits for itself, and others wait for one piece of its work at most. Who waits is bounded by who calls this.
 */
export class FairTurns {
  readonly #mostAtOnce: number;
  #running = 0;
  /** What waits, by group, the group whose turn comes next first. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(mostAtOnce: number) {
    this.#mostAtOnce = mostAtOnce;
  }

  /** Pieces of work that run now. */
  get running(): number {
    return this.#running;
  }

  /** Run `work` when it is the turn of `group`. Where `signal` is aborted before, it never runs: rejects with the reason. */
  async run<T>(group: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#running >= this.#mostAtOnce) await this.#turn(group, signal);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#handOn();
    }
  }

  /** Pieces of work that run before the one that `group` waits for at `index` (0: its next). */
  ahead(group: string, index: number): number {
    let ahead = index;
    // Each other group has one turn a round, and one more where it is before this group in the line.
    let rounds = index + 1;
    for (const [other, queue] of this.#waiting) {
      if (other === group) rounds = index;
      else ahead += Math.min(queue.length, rounds);
    }
    return ahead;
  }

  #turn(group: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const queue = this.#waiting.get(group)!;
        queue.splice(queue.indexOf(take), 1);
        if (queue.length === 0) this.#waiting.delete(group);
        reject(signal!.reason as Error);
      };
      const take = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      const queue = this.#waiting.get(group);
      if (queue === undefined) this.#waiting.set(group, [take]);
      else queue.push(take);
    });
  }

  /** The place of what has ended goes to the next, or is free. */
  #handOn(): void {
    for (const [group, queue] of this.#waiting) {
      // To the end of the line, if there is more of it.
      this.#waiting.delete(group);
      const next = queue.shift()!;
      if (queue.length > 0) this.#waiting.set(group, queue);
      next();
      return;
    }
    this.#running -= 1;
  }
}
