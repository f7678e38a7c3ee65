import { Observable, type MonoTypeOperatorFunction } from 'rxjs';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';
import type { Demand } from '../stream/demand.js';
import type { AudioChunk } from '../stream/types.js';
import type { SnapshotOptions, StreamSnapshot } from './types.js';

interface Parts extends Pick<SnapshotOptions, 'everySeconds' | 'onSnapshot'> {
  /** The source waits for it. */
  readonly demand: Demand;
  /** Where the stream goes on. */
  readonly fromSample: number;
  /** What is in flight beside windows, if anything is; it is asked once the source waits. */
  readonly settled?: (() => Promise<unknown>) | undefined;
  /** Writes the state of the stream as it is now. */
  readonly write: (sample: number) => Uint8Array;
  readonly fail: (error: unknown) => void;
}

/**
 * Takes snapshots where a stream has nothing in flight: between two chunks, when every window that was cut has been embedded and
 * tracked, and all events are told. It holds the source back until then.
 */
export class Snapshotter {
  readonly #parts: Parts;
  #sample: number;
  #lastSample: number;
  #isWanted = false;
  #isBusy = false;
  /** Nothing is in flight beside windows. */
  #isSettled = false;
  /** Windows cut, less those that were tracked. */
  #inFlight = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#sample = this.#lastSample = parts.fromSample;
  }

  /** One is wanted. */
  request(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    const { demand, settled } = this.#parts;
    demand.acquire(demand.limit);
    this.#isSettled = settled === undefined;
    this.#take();
    settled?.().then(() => {
      this.#isSettled = true;
      this.#take();
    }, this.#parts.fail);
  }

  /** The stream is over, or was left. */
  close(): void {
    this.#isWanted = false;
  }

  /** Sound goes through the stages, or events are told: `work` is not interrupted. */
  during<Result>(work: () => Result): Result {
    if (this.#isBusy) return work();
    this.#isBusy = true;
    try {
      return work();
    } finally {
      this.#isBusy = false;
      this.#take();
    }
  }

  /** Sound on its way to the stages before the network, which take it at once. */
  chunks(): MonoTypeOperatorFunction<AudioChunk> {
    return (source) =>
      new Observable((subscriber) =>
        source.subscribe({
          next: (chunk) => {
            this.during(() => {
              subscriber.next(chunk);
              this.#heard(chunk.startSample + chunk.samples.length);
            });
          },
          error: (error: unknown) => {
            subscriber.error(error);
          },
          complete: () => {
            subscriber.complete();
          },
        }),
      );
  }

  #heard(sample: number): void {
    this.#sample = sample;
    const { everySeconds } = this.#parts;
    if (everySeconds !== undefined && sample - this.#lastSample >= everySeconds * SAMPLE_RATE_HZ) {
      this.request();
    }
  }

  /** A window was cut. */
  cut(): void {
    this.#inFlight++;
  }

  /** A window was tracked. */
  tracked(): void {
    this.#inFlight--;
  }

  #take(): void {
    if (!this.#isWanted || !this.#isSettled || this.#isBusy || this.#inFlight > 0) return;
    const { demand, write, onSnapshot, fail } = this.#parts;
    try {
      const snapshot: StreamSnapshot = { sample: this.#sample, bytes: write(this.#sample) };
      this.#isWanted = false;
      this.#lastSample = this.#sample;
      onSnapshot(snapshot);
    } catch (error) {
      fail(error);
    } finally {
      demand.release(demand.limit);
    }
  }
}
