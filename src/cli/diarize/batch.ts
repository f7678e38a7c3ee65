/**
 * Do `work` for each item, at most `jobs` at a time, in order; a failure stops no other. Resolves when what was begun is
 * over; once `signal` is aborted nothing more is begun.
 */
export async function runBatch<Item>(
  items: readonly Item[],
  jobs: number,
  signal: AbortSignal,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && !signal.aborted) {
      const index = next++;
      await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
}

/** Texts that come in any order, written in theirs as soon as all before them are there. */
export class InOrder {
  private readonly waiting = new Map<number, string>();
  private next = 0;

  constructor(private readonly write: (text: string) => void) {}

  /** The text of this number, from 0; an empty one where there is none. */
  add(index: number, text: string): void {
    this.waiting.set(index, text);
    for (let ready = this.waiting.get(this.next); ready !== undefined; ready = this.waiting.get(this.next)) {
      this.waiting.delete(this.next++);
      if (ready !== '') this.write(ready);
    }
  }

  /** Write what waits for others that will not come. */
  flush(): void {
    for (const [, text] of [...this.waiting].sort(([a], [b]) => a - b)) if (text !== '') this.write(text);
    this.waiting.clear();
  }
}
