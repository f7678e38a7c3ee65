import type { WireEvent } from '../../protocol/index.js';

/**
 * The events of one session, numbered 1, 2, 3 …, kept as the text that goes over the wire until the client says
 * that it has them. At its bound the oldest is forgotten, whether it was received or not.
 */
export class EventLog {
  readonly #maxEvents: number;
  #texts: string[] = [];
  /** Events before the first kept. */
  #dropped = 0;
  #received = 0;

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
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

  /** Number an event and keep it; returns the message to send. */
  append(event: WireEvent): string {
    return this.add({ type: 'event', event });
  }

  /** The same of a message that is no event of a stream. */
  add({ type, ...fields }: { readonly type: string; readonly [field: string]: unknown }): string {
    const text = JSON.stringify({ type, id: this.lastId + 1, ...fields });
    this.#texts.push(text);
    if (this.#texts.length > this.#maxEvents) this.#forget(this.#texts.length - this.#maxEvents);
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

  #forget(count: number): void {
    this.#texts = this.#texts.slice(count);
    this.#dropped += count;
  }
}
