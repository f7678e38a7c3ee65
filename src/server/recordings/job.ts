import type { ChildProcess } from 'node:child_process';
import type { DiarizeProgress } from '../../clustering/types.js';
import { WhospeaksError } from '../../errors.js';
import { startSibling } from '../../sibling-process.js';
import type { JobMessage, JobRequest, JobResult } from './messages.js';
import type { Spooled } from './spool.js';

/** Heap of the process; what it needs beside the networks grows by some 10 MB an hour of sound. */
const HEAP_MIB = 1024;
/** Without a word of progress for so long it is taken for stuck, ms. */
const SILENCE_MS = 10 * 60_000;

/**
 * Diarize, and name the words of a transcript, in a process of its own, at the lowest priority: live streams come first. Rejects with what `diarize` rejects with,
 * `server-limit` where the process ended by itself, or the signal's reason.
 */
export async function runJob(
  recording: Spooled,
  request: Omit<JobRequest, 'bytes' | 'transcriptBytes'>,
  { onProgress, signal }: { onProgress: (progress: DiarizeProgress) => void; signal: AbortSignal },
): Promise<JobResult> {
  signal.throwIfAborted();
  const child = start(recording);
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      child.kill('SIGKILL');
      reject(error);
    };
    const onAbort = (): void => {
      fail(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const stuck = setTimeout(() => {
      fail(ended('it made no progress for ten minutes'));
    }, SILENCE_MS);
    child.on('message', (message: JobMessage) => {
      stuck.refresh();
      if (message.type === 'progress') onProgress(message.progress);
      else if (message.type === 'result') resolve(message.result);
      else fail(new WhospeaksError(message.code, message.message));
    });
    child.on('error', fail);
    child.on('close', (code, how) => {
      clearTimeout(stuck);
      signal.removeEventListener('abort', onAbort);
      reject(ended(how ?? `exit code ${String(code)}`));
    });
    const { bytes, transcript } = recording;
    const asked: JobRequest = { ...request, bytes, transcriptBytes: transcript?.bytes };
    child.send(asked);
  });
}

function ended(how: string): WhospeaksError {
  return new WhospeaksError(
    'server-limit',
    `the process that diarizes the recording was ended (${how}); try again, or send it in parts`,
  );
}

function start({ handle, transcript }: Spooled): ChildProcess {
  return startSibling(import.meta.url, {
    from: 'server/recordings/job',
    program: 'job-process',
    heapMiB: HEAP_MIB,
    stdio: [
      'ignore',
      'ignore',
      'inherit',
      'ipc',
      handle.fd,
      ...(transcript === undefined ? [] : [transcript.handle.fd]),
    ],
    inBackground: true,
  });
}
