/**
 * `npm run soak`: an hour of speech through one stream of a server, as fast as the network takes it, beside a
 * connection that comes and goes. Prints memory every ten minutes of stream time; fails where it grows.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { SpeakerModel } from '../../src/index.js';
import { encodeAudioMessage, SUBPROTOCOL, type ServerMessage } from '../../src/protocol/index.js';
import { configSchema, serve } from '../../src/server/index.js';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 3600);
const MARK_SECONDS = SECONDS / 6;
const PIECE_BYTES = 16_000;
const BYTES_PER_SECOND = 32_000;
const MOST_GROWTH_MIB = 24;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const pcm = readFileSync(new URL('../../examples/audio/meeting.wav', import.meta.url)).subarray(44);
const dataFolder = mkdtempSync(join(tmpdir(), 'whospeaks-soak-'));
const model = await SpeakerModel.fromPretrained();
const server = await serve(configSchema.parse({ port: 0, dataFolder, maxStreams: 8 }), {
  model,
  logger: pino({ level: 'silent' }),
});
const url = `ws://127.0.0.1:${server.port}/v1/stream`;
const hello = { type: 'hello', version: 1, encoding: 's16le', sampleRateHz: 16_000, live: false };
const startMs = performance.now();
const marks: number[] = [];
let events = 0;

/** Another client: in, a second of audio, and away without a word. */
function visit(): void {
  const socket = new WebSocket(url, [SUBPROTOCOL]);
  socket.on('error', () => undefined);
  socket.on('open', () => {
    socket.send(JSON.stringify(hello));
  });
  socket.on('message', () => {
    socket.send(
      encodeAudioMessage({ sequence: 0, skippedFrames: 0, payload: pcm.subarray(0, 32_000) }),
      () => {
        socket.terminate();
      },
    );
  });
}

function mark(seconds: number): void {
  gc();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  marks.push((heapUsed + arrayBuffers) / 1024 / 1024);
  const speed = seconds / ((performance.now() - startMs) / 1000);
  process.stdout.write(
    `${seconds.toFixed(0)} s: heap and buffers ${mib(heapUsed + arrayBuffers)} MiB, resident ${mib(rss)} MiB, ${events} events, ${speed.toFixed(1)} x real time\n`,
  );
}

await new Promise<void>((resolve, reject) => {
  const socket = new WebSocket(url, [SUBPROTOCOL]);
  const total = Math.floor((SECONDS * BYTES_PER_SECOND) / PIECE_BYTES);
  let sequence = 0;
  let credit = 0;
  let nextMark = MARK_SECONDS;
  const pump = (): void => {
    while (sequence < total && (sequence + 1) * PIECE_BYTES <= credit) {
      const at = (sequence * PIECE_BYTES) % (pcm.length - PIECE_BYTES);
      const payload = pcm.subarray(at, at + PIECE_BYTES);
      socket.send(encodeAudioMessage({ sequence, skippedFrames: 0, payload }));
      sequence += 1;
      if (sequence === total) socket.send(JSON.stringify({ type: 'end', messages: total }));
    }
  };
  socket.on('open', () => {
    socket.send(JSON.stringify(hello));
  });
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as ServerMessage;
    if (message.type === 'welcome') credit = message.creditBytes;
    if (message.type === 'ack') credit = (message.sequence + 1) * PIECE_BYTES + message.creditBytes;
    if (message.type === 'error') reject(new Error(message.message));
    if (message.type === 'event') {
      events += 1;
      if (message.id % 16 === 0) socket.send(JSON.stringify({ type: 'received', event: message.id }));
    }
    const seconds = (sequence * PIECE_BYTES) / BYTES_PER_SECOND;
    if (seconds >= nextMark) {
      mark(seconds);
      visit();
      nextMark += MARK_SECONDS;
    }
    pump();
  });
  socket.on('close', (code) => {
    if (code === 1000) resolve();
    else reject(new Error(`closed with ${code}`));
  });
});
await server.close();
model.close();
rmSync(dataFolder, { recursive: true, force: true });
const growth = marks.at(-1)! - marks[0]!;
process.stdout.write(
  `${SECONDS} s of speech; grown by ${growth.toFixed(1)} MiB from the first mark to the last\n`,
);
if (growth > MOST_GROWTH_MIB) process.exitCode = 1;
