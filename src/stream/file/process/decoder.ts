import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { isWhospeaksError, WhospeaksError } from '../../../errors.js';
import { startSibling } from '../../../sibling-process.js';
import type { ByteSource } from '../byte-source.js';
import type { FileFacts } from '../format.js';
import { DECODER_LIMITS, MAX_READ_BYTES, STOPPED, type DecoderLimits } from './limits.js';
import type { Answer, FromDecoder, ToDecoder } from './messages.js';

/** Heap at which V8 ends the process by itself, were the guard ever too slow. */
const HEAP_MIB = 2 * DECODER_LIMITS.memoryMiB;
const MAX_SAID = 2000;

interface Pull {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A decoding process, seen from the one that started it. It keeps that one from ending only during a pull. */
export class Decoder {
  readonly #child: ChildProcess;
  #source: ByteSource | null = null;
  #pull: Pull | null = null;
  #said = '';
  #isOver = false;
  #hasAnswered = false;

  constructor() {
    this.#child = start();
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#said = (this.#said + text.toString()).slice(-MAX_SAID);
    });
    this.#child.on('message', (message: FromDecoder) => {
      this.#hasAnswered = true;
      if (message.type === 'read') void this.#read(message.count, message.position);
      else
        this.#settle((pull) => {
          pull.resolve(message);
        });
    });
    this.#child.on('error', (error) => {
      this.#end(error.message);
    });
    // Not `exit`: what it said last comes before this.
    this.#child.on('close', (code, signal) => {
      this.#end(signal ?? `exit code ${String(code)}`);
    });
    this.#hold(false);
  }

  /** True once it has ended, or cannot be spoken to. */
  get isOver(): boolean {
    return this.#isOver || !this.#child.connected;
  }

  open(
    source: ByteSource,
    limits: DecoderLimits,
    { channel, audio }: Pick<FileFacts, 'channel' | 'audio'> = {},
  ): void {
    this.#source = source;
    const { name, sizeBytes } = source;
    this.#send({ type: 'open', name, sizeBytes, limits, wanted: { channel, audio } });
  }

  /** Rejects where the process ended: `audio-limit`, or `audio-unsupported` where it never answered. */
  pull(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#pull = { resolve, reject };
      this.#hold(true);
      if (this.isOver) this.#end('it has ended');
      else this.#send({ type: 'pull' });
    });
  }

  /** End it at once, whatever it does. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(message: ToDecoder): void {
    // Where it cannot be sent the process has ended, which is told by itself.
    this.#child.send(message, () => undefined);
  }

  async #read(count: number, position: number | null): Promise<void> {
    try {
      const bytes = await this.#source!.read(Math.min(count, MAX_READ_BYTES), position);
      this.#send({ type: 'bytes', bytes });
    } catch (error) {
      const code = isWhospeaksError(error) ? error.code : 'file-unreadable';
      this.#send({
        type: 'unreadable',
        code,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #end(how: string): void {
    this.#isOver = true;
    this.#settle(({ reject }) => {
      reject(this.#reason(how));
    });
  }

  #reason(how: string): WhospeaksError {
    const name = this.#source?.name ?? 'the recording';
    if (this.#said.includes(STOPPED.time)) {
      return limit(`${name} takes too long to decode`);
    }
    if (this.#said.includes(STOPPED.memory) || /out of memory/i.test(this.#said)) {
      return limit(`${name} takes too much memory to decode`);
    }
    if (this.#hasAnswered) return limit(`${name}: the process that decodes it was ended (${how})`);
    const last = this.#said.trim().split('\n').at(-1) ?? '';
    return new WhospeaksError(
      'audio-unsupported',
      `${name}: the process that decodes it does not start (${`${how} ${last}`.trim()}); install the package again`,
    );
  }

  #settle(tell: (pull: Pull) => void): void {
    const pull = this.#pull;
    this.#pull = null;
    this.#hold(false);
    if (pull) tell(pull);
  }

  /** Whether this process is kept from ending. */
  #hold(isHeld: boolean): void {
    const how = isHeld ? 'ref' : 'unref';
    this.#child[how]();
    this.#child.channel?.[how]();
    (this.#child.stderr as Socket | null)?.[how]();
  }
}

function limit(what: string): WhospeaksError {
  return new WhospeaksError(
    'audio-limit',
    `${what}: it is damaged, or made to do harm; convert it to wav, for example with ffmpeg`,
  );
}

let isBackground = false;

/** From now on decoding processes stand back behind everything else on the machine, as live streams want it. */
export function decodeInBackground(): void {
  isBackground = true;
}

function start(): ChildProcess {
  return startSibling(import.meta.url, {
    from: 'stream/file/process/decoder',
    program: 'decoder-process',
    heapMiB: HEAP_MIB,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    inBackground: isBackground,
  });
}
