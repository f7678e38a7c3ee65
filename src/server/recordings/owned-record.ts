import {
  keyOf,
  RecordingChanged,
  type FoundRecording,
  type RecordingBoard,
} from '../../fleet/recordings/recording-board.js';
import type { RecordingRecord } from '../../fleet/recordings/recording-record.js';

/** What this server receives or hears, as the fleet knows it: changes go out one after the other, each following the one before. */
export class OwnedRecord {
  readonly #board: RecordingBoard;
  #record: RecordingRecord;
  #revision: number;
  #last: Promise<unknown> = Promise.resolve();

  /** @param revision that it has in the board; 0: it is not there yet */
  constructor(board: RecordingBoard, record: RecordingRecord, revision: number) {
    this.#board = board;
    this.#record = record;
    this.#revision = revision;
  }

  get record(): RecordingRecord {
    return this.#record;
  }

  /** Rejects with `RecordingChanged` where it is another's or was deleted, or as NATS does. */
  put(change: Partial<RecordingRecord>): Promise<void> {
    const put = this.#last.then(() => this.#put({ ...this.#record, ...change }));
    this.#last = put.catch(() => undefined);
    return put;
  }

  /**
   * Say every so often that it is ours still. Returns how to end that.
   *
   * @param change what is said with it
   * @param onLost called where it is not
   */
  beat(everyMs: number, change: () => Partial<RecordingRecord>, onLost: () => void): () => void {
    let isUnderWay = false;
    const timer = setInterval(() => {
      // While NATS is slow, one waits, not all.
      if (isUnderWay) return;
      isUnderWay = true;
      this.put(change())
        .catch((error: unknown) => {
          if (error instanceof RecordingChanged) onLost();
        })
        .finally(() => (isUnderWay = false));
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }

  async #put(next: RecordingRecord): Promise<void> {
    try {
      this.#revision = await this.#board.put(next, this.#revision);
    } catch (error) {
      if (!(error instanceof RecordingChanged)) throw error;
      // Our own change, whose answer was lost, is none of another's.
      const found = await this.#found();
      if (found === undefined || found.record.owner !== this.#record.owner) throw error;
      this.#revision = await this.#board.put(next, found.revision);
    }
    this.#record = next.order === 0 ? { ...next, order: this.#revision } : next;
  }

  async #found(): Promise<FoundRecording | undefined> {
    const all = await this.#board.current();
    return all.find(({ record }) => keyOf(record) === keyOf(this.#record));
  }
}
