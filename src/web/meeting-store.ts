import { abortAfter } from '../browser/abort-after.js';
import { answerOf } from '../browser/store/request.js';
import type { BookedTurn } from '../client/index.js';

/** Samples of a block of sound: 10 s at 16 kHz. */
export const BLOCK_SAMPLES = 160_000;
/** Blocks kept: the last two hours. */
const MAX_BLOCKS = 720;
const LOCK = 'whospeaks-meeting';
const LOCK_MS = 1500;

/** A meeting as it is kept between two visits of the page. */
export interface KeptMeeting {
  readonly startedAt: string;
  /** What was listened to: names of files, or the microphone. */
  readonly sources: readonly string[];
  readonly turns: readonly BookedTurn[];
  /** How far it goes, samples at 16 kHz. */
  readonly endSample: number;
  /** Streams that it had. */
  readonly parts: number;
}

/**
 * One meeting and its sound, in this browser alone (IndexedDB). Of several tabs the first keeps its meeting. Nothing here
 * throws: where the browser keeps nothing, `isKept` says so.
 */
export class MeetingStore {
  private constructor(private readonly db: IDBDatabase | undefined) {}

  /** Opens the store where the browser has one and no other tab uses it. */
  static async open(): Promise<MeetingStore> {
    try {
      await holdLock();
      const opening = indexedDB.open('whospeaks', 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore('meeting');
        opening.result.createObjectStore('sound');
      };
      return new MeetingStore(await answerOf(opening));
    } catch {
      return new MeetingStore(undefined);
    }
  }

  /** Whether a reload finds the meeting again. */
  get isKept(): boolean {
    return this.db !== undefined;
  }

  async load(): Promise<KeptMeeting | undefined> {
    return this.run(
      'meeting',
      'readonly',
      (store) => store.get('now') as IDBRequest<KeptMeeting | undefined>,
    );
  }

  async save(meeting: KeptMeeting): Promise<void> {
    await this.run('meeting', 'readwrite', (store) => store.put(meeting, 'now'));
  }

  /** A block of sound, by its number: the last may be short, and is put again when there is more of it. */
  async putSound(block: number, samples: Int16Array): Promise<void> {
    await this.run('sound', 'readwrite', (store) => {
      store.delete(IDBKeyRange.upperBound(block - MAX_BLOCKS));
      return store.put(samples, block);
    });
  }

  async sound(block: number): Promise<Int16Array | undefined> {
    return this.run('sound', 'readonly', (store) => store.get(block) as IDBRequest<Int16Array | undefined>);
  }

  async clear(): Promise<void> {
    await this.run('meeting', 'readwrite', (store) => store.clear());
    await this.run('sound', 'readwrite', (store) => store.clear());
  }

  private async run<T>(
    name: 'meeting' | 'sound',
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | undefined> {
    if (this.db === undefined) return undefined;
    try {
      return await answerOf(ask(this.db.transaction(name, mode).objectStore(name)));
    } catch {
      // A full disk: what is there already stays.
      return undefined;
    }
  }
}

/** Held as long as the page lives. Rejects where another tab has it. */
function holdLock(): Promise<void> {
  return new Promise((resolve, reject) => {
    // The page before a reload may still have it for a moment.
    const { signal, clear } = abortAfter(LOCK_MS);
    const held = new Promise<never>(() => undefined);
    navigator.locks
      .request(LOCK, { signal }, () => {
        clear();
        resolve();
        return held;
      })
      .catch(reject);
  });
}
