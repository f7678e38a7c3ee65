import {
  concatMap,
  defer,
  identity,
  Observable,
  type MonoTypeOperatorFunction,
  type OperatorFunction,
} from 'rxjs';
import { Checkpoint } from '../stateful.js';
import { channelsOf, cut, PerChannel } from './chunk.js';
import type { Demand } from './demand.js';
import { Framer } from './framer.js';
import { SAMPLE_RATE_HZ, type AudioChunk, type AudioSource, type FrameBlock } from './types.js';

/** A source may hand over an hour at once; the stages take it in pieces, so that what waits between them is bounded. */
const MAX_CHUNK_SAMPLES = SAMPLE_RATE_HZ;

/**
 * A source as an Observable that pulls: the next chunk is asked for only when the one before has been
 * taken and `demand` has room, so a file never runs ahead of the network; a long one comes in pieces of a second. Unsubscribing closes the
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
        for (const piece of pieces(result.value)) {
          if (demand) await demand.ready();
          if (!wanted()) return;
          subscriber.next(piece);
        }
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

function* pieces(chunk: AudioChunk): Generator<AudioChunk> {
  // A chunk without samples may still tell of a gap.
  let at = 0;
  do {
    const end = Math.min(at + MAX_CHUNK_SAMPLES, chunk.samples.length);
    yield cut(chunk, at, end);
    at = end;
  } while (at < chunk.samples.length);
}

/** The sound from a sample on; what lies before it is passed over. */
export function since(sample: number): MonoTypeOperatorFunction<AudioChunk> {
  if (sample === 0) return identity;
  return concatMap((chunk) => {
    const before = Math.max(0, sample - chunk.startSample);
    if (before > 0 && before >= chunk.samples.length) return [];
    return [cut(chunk, before, chunk.samples.length)];
  });
}

/**
 * Chunks to 25 ms frames every 10 ms; see `Framer`. Chunks that complete no frame emit nothing. Of several channels the
 * frames of each come in turn, as many of each.
 */
export function frames(checkpoint = new Checkpoint()): OperatorFunction<AudioChunk, FrameBlock> {
  return (input) =>
    defer(() => {
      const framers = checkpoint.add('frames', new PerChannel(() => new Framer()));
      return input.pipe(
        concatMap((chunk) =>
          channelsOf(chunk).flatMap(({ channel, ...own }) => {
            const block = framers.of(channel).push(own);
            if (block === null) return [];
            return [channel === undefined ? block : { ...block, channel }];
          }),
        ),
      );
    });
}
