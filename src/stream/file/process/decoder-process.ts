/**
 * The decoding process: the only place where recordings are decoded, for whoever made them may mean harm. It has no
 * file of its own: it asks for bytes and answers with audio, both in small pieces. guard.ts keeps it to its limits.
 */
import { isWhospeaksError, WhospeaksError } from '../../../errors.js';
import { startThread } from '../../../sibling-thread.js';
import { cut } from '../../chunk.js';
import { SAMPLE_RATE_HZ, type AudioChunk } from '../../types.js';
import type { ByteSource } from '../byte-source.js';
import { decodeAudio } from '../decoders.js';
import type { FileFacts } from '../format.js';
import { keepPrinted } from './decoder-console.js';
import { PIECE_SECONDS, SHARED, type DecoderLimits } from './limits.js';
import type { Answer, FromDecoder, ToDecoder } from './messages.js';

const shared = new Int32Array(new SharedArrayBuffer(4 * SHARED.length));
const set = (place: keyof typeof SHARED, value: number): void => {
  Atomics.store(shared, SHARED[place], value);
};
startThread(import.meta.url, 'stream/file/process/decoder-process', 'guard', shared).unref();

keepPrinted();
let audio: AsyncGenerator<AudioChunk> | null = null;
let facts: FileFacts = {};
let memoryMiB = 0;
let onBytes: ((message: ToDecoder) => void) | null = null;

function tell(message: FromDecoder): void {
  if (process.connected) process.send?.(message);
  set('busy', 0);
}

function open({ name, sizeBytes, limits, wanted }: ToDecoder & { type: 'open' }): void {
  ({ memoryMiB } = limits);
  set('memoryMiB', limits.memoryMiB);
  set('cpuMs', limits.cpuMs);
  set('soundMs', 0);
  Atomics.add(shared, SHARED.recording, 1);
  facts = { ...wanted };
  const read = { bytes: 0 };
  const source: ByteSource = {
    name,
    sizeBytes,
    read: (count, position) =>
      new Promise((resolve, reject) => {
        onBytes = (message) => {
          onBytes = null;
          if (message.type === 'bytes') {
            read.bytes += message.bytes.length;
            resolve(message.bytes);
          } else if (message.type === 'unreadable') reject(new WhospeaksError(message.code, message.message));
        };
        tell({ type: 'read', count, position });
      }),
    close: () => Promise.resolve(),
  };
  audio = pieces(decodeAudio(source, facts), name, read, limits);
}

/** The same audio, in small pieces, and no more of it than the bytes can be. */
async function* pieces(
  chunks: AsyncIterable<AudioChunk>,
  name: string,
  read: { readonly bytes: number },
  { secondsPerByte }: DecoderLimits,
): AsyncGenerator<AudioChunk> {
  const most = PIECE_SECONDS * SAMPLE_RATE_HZ;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.samples.length; at += most) {
      const piece = cut(chunk, at, at + most);
      const seconds = (piece.startSample + piece.samples.length) / SAMPLE_RATE_HZ;
      if (seconds > read.bytes * secondsPerByte) {
        throw new WhospeaksError(
          'audio-limit',
          `${name} expands to more audio than its ${read.bytes} bytes can contain; if it is valid, convert it to wav`,
        );
      }
      set('soundMs', Math.min(2 ** 30, seconds * 1000));
      yield piece;
    }
  }
}

async function pull(): Promise<void> {
  const answer = await next();
  Atomics.add(shared, SHARED.answers, 1);
  tell(answer);
}

async function next(): Promise<Answer> {
  try {
    const step = await audio!.next();
    const { durationSamples, channels, isMixed } = facts;
    const told = { durationSamples, channels, isMixed };
    if (step.done !== true) return { type: 'audio', ...told, chunk: step.value };
    return { type: 'end', ...told, reusable: isReusable() };
  } catch (error) {
    // What has no code was not foreseen of any file; to whoever gave us this one it is damaged.
    const coded = isWhospeaksError(error)
      ? error
      : new WhospeaksError('audio-corrupt', `the recording could not be decoded: ${oneLine(error)}`);
    const { code, message } = coded;
    const stack = error === coded || !(error instanceof Error) ? undefined : error.stack;
    return {
      type: 'fault',
      durationSamples: facts.durationSamples,
      code,
      message,
      stack,
      reusable: isReusable(),
    };
  }
}

function isReusable(): boolean {
  return process.memoryUsage.rss() < (memoryMiB / 2) * 2 ** 20;
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}

process.on('message', (message: ToDecoder) => {
  set('busy', 1);
  if (message.type === 'open') open(message);
  else if (message.type === 'pull') void pull();
  else onBytes?.(message);
});
process.on('disconnect', () => process.exit(0));
// Whoever ends a group of processes, as Ctrl-C in a terminal does, means the one that started this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
