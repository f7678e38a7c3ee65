import { WhospeaksError } from '../errors.js';
import type { TrackCommand } from '../events/events.js';
import type { SoundBlock } from '../stream/condition.js';
import type { Call, CallName, Calls, FromWorker, SourceHead, ToWorker } from './messages.js';
import type { SoundSource } from './sound-source.js';
import { fromWire, toWire } from './wire-error.js';

/** What a call tells before its answer. */
export type Told = Extract<FromWorker, { kind: 'event' | 'profile' | 'learnt' | 'progress' }>;

interface Pending {
  readonly sources: readonly number[];
  readonly onTold: ((told: Told) => void) | undefined;
  readonly resolve: (answer: Calls[CallName]['answer']) => void;
  readonly reject: (error: unknown) => void;
}

/** A call that runs. */
export interface Running<Answer> {
  readonly answer: Promise<Answer>;
  command(command: TrackCommand): void;
  /** It is not answered any more, and its sources are closed. */
  stop(): void;
}

/** The worker's program, where the bundler or the package has put it. */
function startBundled(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'whospeaks' });
}

/** @throws {WhospeaksError} `engine-failed` where the browser starts no worker of that file */
function startWorker(url: string | undefined): Worker {
  try {
    return url === undefined ? startBundled() : new Worker(url, { type: 'module', name: 'whospeaks' });
  } catch (cause) {
    throw new WhospeaksError(
      'engine-failed',
      `the worker of whospeaks cannot be started: ${reasonOf(cause)}; its file must come from the page's own origin`,
      { cause },
    );
  }
}

/** A worker, as the page's thread sees it: calls, and the sound that they ask for. */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #sources = new Map<number, { source: SoundSource; iterator?: AsyncIterator<SoundBlock> }>();
  #nextId = 1;
  #closed = false;

  /**
   * @param url of the worker's program; where the bundler has put it by default
   * @throws {WhospeaksError} `engine-failed`
   */
  constructor(url?: string) {
    this.#worker = startWorker(url);
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.#on(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      // A program that cannot be loaded gives a plain event, without a message.
      const reason = (event as Partial<ErrorEvent>).message || 'it did not load';
      this.#end(new WhospeaksError('engine-failed', `the worker of whospeaks failed: ${reason}`));
    };
  }

  /** Sources are known to the worker by what this gives. */
  head(source: SoundSource): SourceHead {
    const id = this.#nextId++;
    this.#sources.set(id, { source });
    return { id, live: source.live, audio: source.audio ?? 'mix', durationSeconds: source.durationSeconds };
  }

  call<Name extends CallName>(
    name: Name,
    request: Calls[Name]['request'],
    {
      sources = [],
      onTold,
      transfer = [],
    }: { sources?: readonly SourceHead[]; onTold?: (told: Told) => void; transfer?: Transferable[] } = {},
  ): Running<Calls[Name]['answer']> {
    const id = this.#nextId++;
    const ids = sources.map((head) => head.id);
    const answer = new Promise<Calls[Name]['answer']>((resolve, reject) => {
      if (this.#closed) {
        for (const source of ids) this.#sources.delete(source);
        reject(closedError());
        return;
      }
      const settle = resolve as Pending['resolve'];
      this.#pending.set(id, { sources: ids, onTold, resolve: settle, reject });
      try {
        this.#post({ kind: 'call', id, call: { name, request } as Call }, transfer);
      } catch (cause) {
        // A function among the options, say.
        const message = `${name}: an option cannot be sent to the worker: ${reasonOf(cause)}`;
        this.#settle(id)?.reject(new WhospeaksError('invalid-option', message, { cause }));
      }
    });
    return {
      answer,
      command: (command) => {
        if (this.#pending.has(id)) this.#post({ kind: 'command', id, command });
      },
      stop: () => {
        if (!this.#pending.has(id)) return;
        // Before its sources end: nobody wants to know how it would have ended.
        this.#post({ kind: 'stop', id });
        this.#settle(id);
      },
    };
  }

  /** Ends the worker; calls that run are rejected with `engine-closed`. */
  close(): void {
    this.#end(closedError());
  }

  #end(error: WhospeaksError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#worker.terminate();
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error);
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    if (!this.#closed) this.#worker.postMessage(message, transfer);
  }

  #on(message: FromWorker): void {
    switch (message.kind) {
      case 'pull':
        void this.#pull(message.source);
        return;
      case 'close':
        this.#closeSource(message.source);
        return;
      case 'answer':
        this.#settle(message.id)?.resolve(message.answer);
        return;
      case 'failed':
        this.#settle(message.id)?.reject(fromWire(message.error));
        return;
      default:
        this.#pending.get(message.id)?.onTold?.(message);
    }
  }

  /** The call is over, and so are its sources. */
  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    for (const source of pending?.sources ?? []) this.#closeSource(source);
    return pending;
  }

  async #pull(id: number): Promise<void> {
    const open = this.#sources.get(id);
    if (open === undefined) return;
    let result: IteratorResult<SoundBlock>;
    try {
      open.iterator ??= open.source.open()[Symbol.asyncIterator]();
      result = await open.iterator.next();
    } catch (error) {
      this.#sources.delete(id);
      this.#post({ kind: 'sound-failed', source: id, error: toWire(error) });
      return;
    }
    if (!this.#sources.has(id)) return;
    if (result.done === true) {
      this.#sources.delete(id);
      this.#post({ kind: 'sound-end', source: id });
      return;
    }
    try {
      const block = ownMemory(result.value);
      const buffers = new Set(block.planes.map(({ buffer }) => buffer as ArrayBuffer));
      this.#post({ kind: 'sound', source: id, block }, [...buffers]);
    } catch (cause) {
      const message = `the source gave a block that cannot be handed to the worker: ${reasonOf(cause)}`;
      this.#post({ kind: 'sound-failed', source: id, error: { code: 'audio-format', message } });
      // It does not know that it has failed.
      this.#closeSource(id);
    }
  }

  #closeSource(id: number): void {
    const open = this.#sources.get(id);
    if (open === undefined) return;
    this.#sources.delete(id);
    // Where the worker waits for a block of it, it would wait, and keep the stream, for ever.
    this.#post({ kind: 'sound-end', source: id });
    // A source that fails while it is being closed has nobody left to tell.
    void (async () => open.iterator?.return?.())().catch(() => undefined);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Memory that can be transferred: none that is shared, and no more of it than the samples. */
function ownMemory({ planes, ...block }: SoundBlock): SoundBlock {
  const own = planes.map((plane) =>
    plane.buffer instanceof ArrayBuffer && plane.byteLength === plane.buffer.byteLength
      ? plane
      : Float32Array.from(plane),
  );
  return { ...block, planes: own };
}

function closedError(): WhospeaksError {
  return new WhospeaksError('engine-closed', 'the model was closed; load it again');
}
