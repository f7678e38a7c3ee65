import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { connect } from '../../../src/client/index.js';

/** The example meeting: 16 kHz mono s16le. */
export const PCM = readFileSync(new URL('../../../examples/audio/meeting.wav', import.meta.url)).subarray(44);
const PIECE_BYTES = 3200;
const PIECE_MS = 100;

export interface Microphone {
  readonly close: () => void;
  /** When each event came, ms. */
  readonly eventsMs: readonly number[];
  /** How often it began anew. */
  readonly restarts: () => number;
}

/** A microphone of the SDK's client, in real time: it comes back by itself. */
export function microphone(url: string, index: number): Microphone {
  const client = connect({ url, WebSocket, backoffMs: [50, 200], maxAttempts: 1000, bufferSeconds: 120 });
  const eventsMs: number[] = [];
  let restarts = 0;
  client.events$.subscribe({
    next: ({ type }) => {
      restarts += Number(type === 'restarted');
      eventsMs.push(performance.now());
    },
    error: (error: unknown) => {
      console.error(error);
    },
  });
  // Not all say the same at once.
  let at = ((index * 7919) % Math.floor(PCM.length / PIECE_BYTES - 1)) * PIECE_BYTES;
  const startMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    while (startMs + (sent + 1) * PIECE_MS <= performance.now()) {
      void client.send(PCM.subarray(at, at + PIECE_BYTES)).catch(() => undefined);
      at = (at + PIECE_BYTES) % (PCM.length - PIECE_BYTES);
      sent++;
    }
  }, PIECE_MS / 2);
  return {
    close: () => {
      clearInterval(timer);
      client.close();
    },
    eventsMs,
    restarts: () => restarts,
  };
}
