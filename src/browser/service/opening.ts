import { ReplaySubject, type Observable } from 'rxjs';

/** Something that is opened once, for all who need it. An opening that failed is tried again by whoever needs it next. */
export class Opening<T> {
  readonly #open: () => Promise<T>;
  readonly #opened = new ReplaySubject<T>(1);
  #opening: Promise<T> | undefined;

  constructor(open: () => Promise<T>) {
    this.#open = open;
  }

  /** Once it is open. */
  get opened$(): Observable<T> {
    return this.#opened.asObservable();
  }

  /** Rejects as `open` does. */
  get(): Promise<T> {
    this.#opening ??= this.#open().then(
      (value) => {
        this.#opened.next(value);
        return value;
      },
      (error: unknown) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }
}
