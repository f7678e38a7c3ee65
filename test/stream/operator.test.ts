import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { WhospeaksError } from '../../src/errors.js';
import { Demand } from '../../src/stream/demand.js';
import { chunks, frames } from '../../src/stream/operator.js';
import { createSource, fromSamples } from '../../src/stream/source.js';
import type { AudioChunk, AudioSource } from '../../src/stream/types.js';
import { signal } from './signal.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A source of `count` chunks of 160 samples that counts how often it is pulled and whether it was closed. */
function counting(
  count: number,
  failure?: Error,
): { source: AudioSource; pulls: () => number; closed: () => boolean } {
  let pulls = 0;
  let closed = false;
  const source = createSource({
    live: false,
    // eslint-disable-next-line @typescript-eslint/require-await
    async *open() {
      try {
        for (; pulls < count; pulls++) yield { startSample: pulls * 160, samples: new Float32Array(160) };
        if (failure) throw failure;
      } finally {
        closed = true;
      }
    },
  });
  return { source, pulls: () => pulls, closed: () => closed };
}

describe('chunks', () => {
  it('delivers everything and completes', async () => {
    const all = await lastValueFrom(chunks(fromSamples(signal(16_000))).pipe(toArray()));
    expect(all.reduce((sum, { samples }) => sum + samples.length, 0)).toBe(32_000);
  });

  it('asks for the next chunk only while there is demand', async () => {
    const { source, pulls } = counting(100);
    const demand = new Demand(3);
    let seen = 0;
    const subscription = chunks(source, demand).subscribe(() => {
      seen += 1;
      demand.acquire();
    });
    for (let i = 0; i < 50; i++) await turn();
    expect(seen).toBe(3);
    expect(pulls()).toBeLessThanOrEqual(3);
    demand.release(2);
    for (let i = 0; i < 50; i++) await turn();
    expect(seen).toBe(5);
    subscription.unsubscribe();
  });

  it('closes the source when it is left', async () => {
    const { source, closed } = counting(100);
    await firstValueFrom(chunks(source));
    for (let i = 0; i < 10; i++) await turn();
    expect(closed()).toBe(true);
  });

  it('a long chunk comes in pieces of a second, as there is demand', async () => {
    const samples = signal(16_000, 3.5);
    const demand = new Demand(1);
    const heard: AudioChunk[] = [];
    async function* source() {
      yield await Promise.resolve({ startSample: 80, samples });
    }
    chunks({ live: false, [Symbol.asyncIterator]: source }, demand).subscribe((chunk) => {
      heard.push(chunk);
      demand.acquire();
    });
    for (let i = 0; i < 10; i++) await turn();
    expect(heard.length).toBe(1);
    for (let i = 0; i < 40; i++) {
      demand.release();
      await turn();
    }
    expect(heard.map(({ startSample }) => startSample)).toEqual([80, 16_080, 32_080, 48_080]);
    expect(heard.flatMap((chunk) => [...chunk.samples])).toEqual([...samples]);
  });

  it('closes the source when it is left while waiting for demand', async () => {
    const { source, closed } = counting(100);
    const demand = new Demand(1);
    const subscription = chunks(source, demand).subscribe(() => {
      demand.acquire();
    });
    for (let i = 0; i < 10; i++) await turn();
    subscription.unsubscribe();
    for (let i = 0; i < 10; i++) await turn();
    expect(closed()).toBe(true);
  });

  it('passes errors on after the audio before them', async () => {
    const { source } = counting(4, new WhospeaksError('audio-corrupt', 'the rest of it is damaged'));
    let seen = 0;
    const error = await new Promise((resolve) => {
      chunks(source).subscribe({ next: () => (seen += 1), error: resolve });
    });
    expect(error).toMatchObject({ code: 'audio-corrupt' });
    expect(seen).toBe(4);
  });
});

describe('frames', () => {
  it('frames a whole source', async () => {
    const blocks = await lastValueFrom(chunks(fromSamples(signal(16_000, 1.5))).pipe(frames(), toArray()));
    expect(blocks.reduce((sum, { count }) => sum + count, 0)).toBe(148);
    expect(blocks.length).toBeLessThan(5);
  });
});
