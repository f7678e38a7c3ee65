import { WebSocket } from 'ws';
import { encodeAudioMessage, SUBPROTOCOL, type ServerMessage } from '../../src/protocol/index.js';

const PIECE_MS = 100;
const PIECE_BYTES = 3200;
const BYTES_PER_SAMPLE = 2;

/** One simulated microphone: sends `pcm` (16 kHz s16le) over and over at its pace, and times the answers. */
export class LiveClient {
  /** From sending the last sample that an event was decided on to receiving it, ms. */
  readonly delaysMs: number[] = [];
  lags = 0;
  refusal: string | null = null;
  isWelcome = false;
  /** Null while the connection is open. */
  closeCode: number | null = null;
  readonly #socket: WebSocket;
  readonly #pcm: Buffer;
  readonly #sentAtMs: number[] = [];
  #timer: NodeJS.Timeout | null = null;
  #credit = 0;

  constructor(url: string, pcm: Buffer, offsetBytes: number, headers: Readonly<Record<string, string>> = {}) {
    this.#pcm = Buffer.concat([pcm.subarray(offsetBytes), pcm.subarray(0, offsetBytes)]);
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, [SUBPROTOCOL], { headers });
    this.#socket.on('open', () => {
      this.#socket.send(
        JSON.stringify({ type: 'hello', version: 1, encoding: 's16le', sampleRateHz: 16_000, live: true }),
      );
    });
    this.#socket.on('message', (data: Buffer) => {
      this.#onMessage(JSON.parse(data.toString()) as ServerMessage);
    });
    this.#socket.on('error', (error) => (this.refusal ??= error.message));
    this.#socket.on('close', (code) => {
      this.closeCode = code;
      if (this.#timer !== null) clearInterval(this.#timer);
    });
  }

  /** Forget what was measured so far. */
  reset(): void {
    this.delaysMs.length = 0;
    this.lags = 0;
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#socket.close(1000);
  }

  #onMessage(message: ServerMessage): void {
    if (message.type === 'welcome') {
      this.isWelcome = true;
      this.#credit = message.creditBytes;
      this.#play();
    } else if (message.type === 'ack')
      this.#credit = (message.sequence + 1) * PIECE_BYTES + message.creditBytes;
    else if (message.type === 'lag') this.lags += 1;
    else if (message.type === 'error' && message.fatal) this.refusal = message.code;
    else if (message.type === 'event' && 'atSample' in message.event) {
      const piece = Math.max(0, Math.ceil((message.event.atSample * BYTES_PER_SAMPLE) / PIECE_BYTES) - 1);
      const sentAtMs = this.#sentAtMs[piece];
      if (sentAtMs !== undefined) this.delaysMs.push(performance.now() - sentAtMs);
    }
  }

  #play(): void {
    const startMs = performance.now();
    this.#timer = setInterval(() => {
      // As many pieces as are due: a timer that comes late does not slow the microphone.
      while (startMs + (this.#sentAtMs.length + 1) * PIECE_MS <= performance.now()) {
        const sequence = this.#sentAtMs.length;
        if ((sequence + 1) * PIECE_BYTES > this.#credit) return;
        const at = (sequence * PIECE_BYTES) % (this.#pcm.length - PIECE_BYTES);
        const payload = this.#pcm.subarray(at, at + PIECE_BYTES);
        this.#socket.send(encodeAudioMessage({ sequence, skippedFrames: 0, payload }));
        this.#sentAtMs.push(performance.now());
      }
    }, PIECE_MS / 2);
  }
}

export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
