import { WhospeaksError } from '../../errors.js';

/** Messages that wait for one that is missing: 0.3 s of two tracks. */
const MAX_WAITING = 32;
/** So many in a row that come after their turn: the numbers mean nothing. */
const MAX_LATE = 64;

export interface Ordered<Message> {
  readonly message: Message;
  /** Messages before it that never came. */
  readonly missing: number;
}

/**
 * The messages of one connection in the order of their numbers. One provider sends them in order, another says that they
 * may change places. What is missing is waited for as long as `MAX_WAITING` later ones have come; what comes after that is
 * late and dropped. Both are counted.
 */
export class MessageOrder<Message> {
  readonly #waiting = new Map<number, Message>();
  #next: number | null = null;
  #hasBegun = false;
  #lateInRow = 0;
  missing = 0;
  late = 0;

  /** From the message `start` on: what follows it may be told. Returns what has come before it. */
  begin(sequence: number | null): Ordered<Message>[] {
    this.#hasBegun = true;
    this.#next = sequence === null ? null : sequence + 1;
    return this.#release(MAX_WAITING);
  }

  /** @throws {WhospeaksError} `protocol-message` where too much comes before the start; `protocol-sequence` */
  push(sequence: number | null, message: Message): Ordered<Message>[] {
    if (!this.#hasBegun && (sequence === null || this.#waiting.size >= MAX_WAITING)) {
      throw new WhospeaksError('protocol-message', 'the message "start" must come before what it describes');
    }
    if (sequence === null) return [{ message, missing: 0 }];
    const isLate = (this.#next !== null && sequence < this.#next) || this.#waiting.has(sequence);
    if (isLate) {
      this.late += 1;
      this.#lateInRow += 1;
      if (this.#lateInRow < MAX_LATE) return [];
      throw new WhospeaksError(
        'protocol-sequence',
        `${MAX_LATE} messages in a row have numbers that were passed already, the last is ${sequence}; count on from 1`,
      );
    }
    this.#lateInRow = 0;
    this.#waiting.set(sequence, message);
    return this.#hasBegun ? this.#release(MAX_WAITING) : [];
  }

  /** Nothing more comes: what waits, in order. */
  flush(): Ordered<Message>[] {
    return this.#release(0);
  }

  #release(most: number): Ordered<Message>[] {
    const told: Ordered<Message>[] = [];
    for (;;) {
      const first = this.#waiting.size === 0 ? null : Math.min(...this.#waiting.keys());
      if (first === null) return told;
      this.#next ??= first;
      const missing = Math.max(0, first - this.#next);
      if (missing > 0 && this.#waiting.size <= most) return told;
      told.push({ message: this.#waiting.get(first)!, missing });
      this.#waiting.delete(first);
      this.missing += missing;
      this.#next = first + 1;
    }
  }
}
