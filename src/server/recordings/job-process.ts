/**
 * The process that diarizes one recording and ends: it takes minutes of a processor, which the loop that serves live streams
 * does not have.
 */
import type { DiarizeProgress } from '../../clustering/types.js';
import { diarize } from '../../diarize.js';
import { isWhospeaksError } from '../../errors.js';
import { loadModel } from '../../load-model.js';
import { channelSources } from '../../stream/file/channel-sources.js';
import { fromDescriptor, type FileOptions } from '../../stream/file/from-file.js';
import type { AudioSource } from '../../stream/types.js';
import { RECORDING_FD, type JobMessage, type JobRequest } from './messages.js';

const tell = (message: JobMessage): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, () => {
      resolve();
    });
  });

async function run({
  name,
  bytes,
  count,
  audio,
  profiles,
  model,
  engine,
  threads,
}: JobRequest): Promise<void> {
  try {
    const speakers = await loadModel(model, { engine, threads });
    const open = (options?: FileOptions): AudioSource => fromDescriptor(RECORDING_FD, bytes, name, options);
    const source = audio === 'channels' ? await channelSources(open) : open();
    const onProgress = throttled((progress: DiarizeProgress) => void tell({ type: 'progress', progress }));
    await tell({
      type: 'result',
      result: await diarize(speakers, source, { ...count, audio, profiles, onProgress }),
    });
  } catch (error) {
    const known = isWhospeaksError(error);
    const message = error instanceof Error ? error.message : String(error);
    await tell({ type: 'fault', code: known ? error.code : 'server-failed', message });
  }
  process.exit(0);
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
