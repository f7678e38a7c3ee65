import { answerOf } from './request.js';
import { asStorageError } from './storage-error.js';

/** Tables of the store; docs/browser-page.md says what is in each. */
export const TABLES = ['meta', 'speakers', 'trash', 'recordings', 'audit'] as const;
export type Table = (typeof TABLES)[number];

const VERSION = 1;

/** One change of one row. */
export type RowChange =
  | { readonly table: Table; readonly put: unknown; readonly key?: IDBValidKey | undefined }
  | { readonly table: Table; readonly remove: IDBValidKey };

/**
 * An IndexedDB database, opened when it is first used, and again where the browser has closed it. Every method rejects with
 * `store-unwritable` where the browser keeps nothing, or has no room.
 */
export class Database {
  readonly name: string;
  #opening: Promise<IDBDatabase> | undefined;
  #openings = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** How often it was opened. Another number: what was read before may be of a database that the user has deleted since. */
  get openings(): number {
    return this.#openings;
  }

  /** Several tables as they are at one moment. */
  async read<Rows>(
    tables: readonly Table[],
    ask: (table: (name: Table) => IDBObjectStore) => {
      readonly [Name in keyof Rows]: IDBRequest<Rows[Name]>;
    },
  ): Promise<Rows> {
    return this.#run(tables, 'readonly', async (transaction) => {
      const requests = Object.entries<IDBRequest>(ask((name) => transaction.objectStore(name)));
      const answers = await Promise.all(
        requests.map(async ([name, request]) => [name, await answerOf<unknown>(request)]),
      );
      return Object.fromEntries(answers) as Rows;
    });
  }

  /**
   * All of the changes, or none. They are on the disk when this resolves.
   *
   * @param opening which of the `openings` they are made for
   * @returns false, and nothing is changed, where that is over
   */
  async write(changes: readonly RowChange[], opening: number): Promise<boolean> {
    const tables = [...new Set(changes.map(({ table }) => table))];
    return this.#run(tables, 'readwrite', async (transaction) => {
      if (opening !== this.#openings) return false;
      const done = ended(transaction);
      for (const change of changes) {
        const store = transaction.objectStore(change.table);
        if ('remove' in change) store.delete(change.remove);
        else store.put(change.put, change.key);
      }
      await done;
      return true;
    });
  }

  /** What is kept under a key of `meta`; where nothing is, `made` is kept from now on, whoever else tries it at once. */
  async keep<Value>(key: string, made: Value): Promise<Value> {
    return this.#run(['meta'], 'readwrite', async (transaction) => {
      const store = transaction.objectStore('meta');
      const there = await answerOf(store.get(key) as IDBRequest<Value | undefined>);
      if (there === undefined) store.put(made, key);
      await ended(transaction);
      return there ?? made;
    });
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    (await opening?.catch(() => undefined))?.close();
  }

  async #run<Result>(
    tables: readonly Table[],
    mode: IDBTransactionMode,
    work: (transaction: IDBTransaction) => Promise<Result>,
  ): Promise<Result> {
    try {
      const db = await (this.#opening ??= this.#open());
      const transaction = db.transaction(tables, mode, {
        durability: mode === 'readwrite' ? 'strict' : 'default',
      });
      return await work(transaction);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  async #open(): Promise<IDBDatabase> {
    try {
      const request = indexedDB.open(this.name, VERSION);
      request.onupgradeneeded = () => {
        for (const table of TABLES) {
          request.result.createObjectStore(table, table === 'audit' ? { autoIncrement: true } : {});
        }
      };
      const db = await answerOf(request);
      this.#openings++;
      const forget = (): void => {
        this.#opening = undefined;
      };
      // The user has deleted the site's data.
      db.onclose = forget;
      // Another tab has a later version of this program, or deletes the database: it must not wait for this one.
      db.onversionchange = () => {
        forget();
        db.close();
      };
      return db;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = () => {
      reject(transaction.error ?? new Error('the browser gave no reason'));
    };
  });
}
