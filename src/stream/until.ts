import type { AudioChunk, AudioSource } from './types.js';

/**
 * The same source, ended cleanly when `signal` aborts: the stream completes, and every later stage flushes
 * its tail. Without this a live source never ends, and unsubscribing drops the turn in progress.
 */
export function until(source: AudioSource, signal: AbortSignal): AudioSource {
  return {
    live: source.live,
    get durationSamples() {
      return source.durationSamples;
    },
    get channels() {
      return source.channels;
    },
    get isMixed() {
      return source.isMixed;
    },
    [Symbol.asyncIterator]: () => endable(source[Symbol.asyncIterator](), signal),
  };
}

function endable(iterator: AsyncIterator<AudioChunk>, signal: AbortSignal): AsyncIterator<AudioChunk> {
  // A pull that still waits for sound must not hold up the end, so abort settles it.
  let settlePull: (() => void) | undefined;
  const end = (): Promise<IteratorResult<AudioChunk>> => {
    signal.removeEventListener('abort', onAbort);
    // Not awaited: a generator closes only when its pull under way settles, which may be never. Its fault on
    // closing has nobody left to tell.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
    return Promise.resolve({ done: true, value: undefined });
  };
  const onAbort = (): void => settlePull?.();
  signal.addEventListener('abort', onAbort);
  return {
    next: () =>
      signal.aborted
        ? end()
        : new Promise((resolve, reject) => {
            settlePull = () => {
              resolve(end());
            };
            iterator.next().then(resolve, reject);
          }),
    return: end,
  };
}
