import { Observable, type OperatorFunction } from 'rxjs';
import type { Demand } from './demand.js';
import { Framer } from './framer.js';
import type { AudioChunk, AudioSource, FrameBlock } from './types.js';

/**
 * A source as an Observable that pulls: the next chunk is asked for only when the one before has been
 * taken and `demand` has room, so a file never runs ahead of the network. Unsubscribing closes the
 * source; its errors are passed on.
 */
export function chunks(source: AudioSource, demand?: Demand): Observable<AudioChunk> {
  return new Observable<AudioChunk>((subscriber) => {
    let iterator: AsyncIterator<AudioChunk> | undefined;
    const wanted = (): boolean => !subscriber.closed;
    const pull = async (): Promise<void> => {
      iterator = source[Symbol.asyncIterator]();
      for (;;) {
        if (demand) await demand.ready();
        if (!wanted()) return;
        const result = await iterator.next();
        if (!wanted()) return;
        if (result.done) break;
        subscriber.next(result.value);
      }
      subscriber.complete();
    };
    pull().catch((error: unknown) => {
      subscriber.error(error);
    });
    return () => {
      // A source that fails while it is being closed has nobody left to tell.
      Promise.resolve(iterator?.return?.()).catch(() => undefined);
    };
  });
}

/** Chunks to 25 ms frames every 10 ms; see `Framer`. Chunks that complete no frame emit nothing. */
export function frames(): OperatorFunction<AudioChunk, FrameBlock> {
  return (input) =>
    new Observable<FrameBlock>((subscriber) => {
      const framer = new Framer();
      return input.subscribe({
        next: (chunk) => {
          const block = framer.push(chunk);
          if (block) subscriber.next(block);
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          framer.flush();
          subscriber.complete();
        },
      });
    });
}
