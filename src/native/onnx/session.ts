import { createRequire } from 'node:module';
import type { Worker } from 'node:worker_threads';
import { WhospeaksError } from '../../errors.js';
import { startThread } from '../../sibling-thread.js';
import type { Feed, FromSession, SessionData, ToSession } from './messages.js';

/** Path of the installed onnxruntime-node. Throws `engine-unavailable` with the line that installs it. */
export function findRuntime(): string {
  try {
    return createRequire(import.meta.url).resolve('onnxruntime-node');
  } catch (cause) {
    throw new WhospeaksError(
      'engine-unavailable',
      'this model needs onnxruntime-node, which is not installed; install it with: npm install onnxruntime-node',
      { cause },
    );
  }
}

export interface SessionResult {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

interface Waiting {
  readonly resolve: (result: SessionResult) => void;
  readonly reject: (error: Error) => void;
}

/** An onnxruntime session in a thread of its own. It keeps the process alive while it works, not between. */
export class OnnxSession {
  readonly #thread: Worker;
  /** Calls that are out, in order; the first is that for being ready. */
  readonly #waiting: Waiting[] = [];
  #end: WhospeaksError | undefined;

  private constructor(thread: Worker) {
    this.#thread = thread;
    thread.on('message', (message: FromSession) => {
      const call = this.#waiting.shift();
      if (this.#waiting.length === 0) thread.unref();
      if (message.type === 'failure') call?.reject(failed(message.message));
      else call?.resolve(message.type === 'result' ? message : { data: new Float32Array(), dims: [] });
    });
    thread.on('error', (error) => {
      this.#stop(failed(error.message));
    });
    thread.on('exit', () => {
      this.#stop(failed('its thread ended'));
    });
  }

  /** Rejects with `engine-failed` where onnxruntime does not take the model. */
  static async create(data: SessionData): Promise<OnnxSession> {
    const session = new OnnxSession(
      startThread(import.meta.url, 'native/onnx/session', 'session-thread', data),
    );
    await session.#call();
    return session;
  }

  /** Rejects with `engine-failed`, or `engine-closed`. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<SessionResult> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    this.#thread.postMessage({ feeds } satisfies ToSession);
    return this.#call();
  }

  /** What is out is rejected with `engine-closed`; the thread ends after the run that it is in. */
  close(): void {
    if (this.#end !== undefined) return;
    this.#thread.postMessage(null satisfies ToSession);
    this.#stop(new WhospeaksError('engine-closed', 'the engine was closed; create a new one'));
    this.#thread.unref();
  }

  #call(): Promise<SessionResult> {
    this.#thread.ref();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #stop(error: WhospeaksError): void {
    this.#end ??= error;
    for (const call of this.#waiting.splice(0)) call.reject(this.#end);
  }
}

function failed(message: string): WhospeaksError {
  return new WhospeaksError('engine-failed', `onnxruntime: ${message.trim().split('\n', 1)[0]!}`);
}
