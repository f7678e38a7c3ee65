import type { WireEvent } from '../../protocol/index.js';

/**
 * The events of one session, numbered 1, 2, 3 …, kept as the text that goes over the wire until the client says
 * that it has them. At its bounds the oldest are forgotten, whether they were received or not.
 */
export class EventLog {
  readonly #maxEvents: number;
  readonly #maxCharacters: number;
  #texts: string[] = [];
  /** Events before the first kept. */
  #dropped = 0;
  #received = 0;
  #keptCharacters = 0;
  #allCharacters = 0;

  /** @param maxCharacters of all that are kept; one event is, however long */
  constructor(maxEvents: number, maxCharacters = Infinity) {
    this.#maxEvents = maxEvents;
    this.#maxCharacters = maxCharacters;
  }

  /** Go on with the events of another log: those up to `id`, of which the last ones are these. Only at first. */
  takeUp(id: number, texts: readonly string[]): void {
    this.#dropped = id - texts.length;
    this.#received = this.#dropped;
    this.#texts = [...texts];
    this.#keptCharacters = this.#allCharacters = texts.reduce((sum, text) => sum + text.length, 0);
  }

  /** Id of the newest event; 0 where there is none. */
  get lastId(): number {
    return this.#dropped + this.#texts.length;
  }

  /** Id up to which the client has them. */
  get received(): number {
    return this.#received;
  }

  get kept(): number {
    return this.#texts.length;
  }

  /** How much of the room is taken, 0 to 1. */
  get fullness(): number {
    return Math.max(this.#texts.length / this.#maxEvents, this.#keptCharacters / this.#maxCharacters);
  }

  /** How much room all events have taken since the first, kept or not: a number of times all of it. */
  get used(): number {
    return Math.max(this.lastId / this.#maxEvents, this.#allCharacters / this.#maxCharacters);
  }

  /** Number an event and keep it; returns the message to send. */
  append(event: WireEvent): string {
    return this.add({ type: 'event', event });
  }

  /** The same of a message that is no event of a stream. */
  add({ type, ...fields }: { readonly type: string; readonly [field: string]: unknown }): string {
    const text = JSON.stringify({ type, id: this.lastId + 1, ...fields });
    this.#texts.push(text);
    this.#keptCharacters += text.length;
    this.#allCharacters += text.length;
    while (this.fullness > 1 && this.#texts.length > 1) this.#forget(1);
    return text;
  }

  /** The client has events up to `id`. False where there is no such event. */
  acknowledge(id: number): boolean {
    if (id > this.lastId) return false;
    this.#received = Math.max(this.#received, id);
    if (this.#received > this.#dropped) this.#forget(this.#received - this.#dropped);
    return true;
  }

  /** The messages after event `id`; null where one of them is forgotten, or `id` was never told. */
  after(id: number): readonly string[] | null {
    if (id < this.#dropped || id > this.lastId) return null;
    return this.#texts.slice(id - this.#dropped);
  }

  /** The messages after event `from`, up to event `to`, that are still kept. */
  between(from: number, to: number): readonly string[] {
    return this.#texts.slice(Math.max(0, from - this.#dropped), Math.max(0, to - this.#dropped));
  }

  #forget(count: number): void {
    for (const text of this.#texts.slice(0, count)) this.#keptCharacters -= text.length;
    this.#texts = this.#texts.slice(count);
    this.#dropped += count;
  }
}
