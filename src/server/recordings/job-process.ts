/**
 * The process that diarizes one recording and ends: it takes minutes of a processor, which the loop that serves live streams
 * does not have.
 */
import { readSync } from 'node:fs';
import type { DiarizeProgress } from '../../clustering/types.js';
import { diarize } from '../../diarize.js';
import { isWhospeaksError } from '../../errors.js';
import { loadModel } from '../../load-model.js';
import { channelSources } from '../../stream/file/channel-sources.js';
import { fromDescriptor, type FileOptions } from '../../stream/file/from-file.js';
import type { AudioSource } from '../../stream/types.js';
import { readTranscript } from '../../transcript/read/index.js';
import { RECORDING_FD, TRANSCRIPT_FD, type JobMessage, type JobRequest, type JobResult } from './messages.js';
import { nameTranscript } from './name-words.js';

const tell = (message: JobMessage): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, () => {
      resolve();
    });
  });

async function run({
  name,
  bytes,
  transcriptBytes,
  count,
  audio,
  profiles,
  model,
  engine,
  precision,
  threads,
}: JobRequest): Promise<void> {
  try {
    // One that cannot be read is told before minutes are spent on the sound.
    const read = transcriptBytes === undefined ? undefined : readTranscript(textOf(transcriptBytes));
    const speakers = await loadModel(model, { engine, precision, threads });
    const open = (options?: FileOptions): AudioSource => fromDescriptor(RECORDING_FD, bytes, name, options);
    const source = audio === 'channels' ? await channelSources(open) : open();
    const onProgress = throttled((progress: DiarizeProgress) => void tell({ type: 'progress', progress }));
    const told = await diarize(speakers, source, { ...count, audio, profiles, onProgress });
    // Whose channel a word is of, its transcript says; the voices are not mixed.
    const again = audio === 'mix' ? open : null;
    const result: JobResult =
      read === undefined ? told : { ...told, transcript: await nameTranscript(read, told, speakers, again) };
    await tell({ type: 'result', result });
  } catch (error) {
    const known = isWhospeaksError(error);
    const message = error instanceof Error ? error.message : String(error);
    await tell({ type: 'fault', code: known ? error.code : 'server-failed', message });
  }
  process.exit(0);
}

function textOf(bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at < bytes;) {
    const more = readSync(TRANSCRIPT_FD, buffer, at, bytes - at, at);
    if (more === 0) break;
    at += more;
  }
  return buffer.toString('utf8');
}

const EVERY_MS = 250;

function throttled<Value>(tellIt: (value: Value) => void): (value: Value) => void {
  let lastMs = -Infinity;
  return (value) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < EVERY_MS) return;
    lastMs = nowMs;
    tellIt(value);
  };
}

process.once('message', (request: JobRequest) => void run(request));
process.on('disconnect', () => process.exit(0));
// Whoever ends a group of processes, as Ctrl-C in a terminal does, means the one that started this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
