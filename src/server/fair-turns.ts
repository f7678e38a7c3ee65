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

  /** Run `work` when it is the turn of `group`. */
  async run<T>(group: string, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#mostAtOnce) await this.#turn(group);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#handOn();
    }
  }

  #turn(group: string): Promise<void> {
    return new Promise((resolve) => {
      const queue = this.#waiting.get(group);
      if (queue === undefined) this.#waiting.set(group, [resolve]);
      else queue.push(resolve);
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
