import { describe, expect, it } from 'vitest';
import { AlikeWatch } from '../../src/stream/alike-watch.js';
import { chunkOf } from '../../src/stream/chunk.js';
import { signal } from './signal.js';

const sound = signal(16_000, 8);
/** Where it is said that the channels are one, in pieces of 0.1 s. */
function saidAt(channels: readonly Float32Array[]): number[] {
  const watch = new AlikeWatch();
  const at: number[] = [];
  for (let from = 0; from < sound.length; from += 1600) {
    if (
      watch.push(
        chunkOf(
          from,
          channels.map((each) => each.subarray(from, from + 1600)),
        ),
      )
    )
      at.push(from);
  }
  return at;
}

describe('AlikeWatch', () => {
  it('says once that channels are one, after 3 s of sound', () => {
    expect(saidAt([sound, sound])).toEqual([3 * 16_000 - 1600]);
    const coded = sound.map((x, i) => x + 0.005 * Math.sin(i));
    expect(saidAt([sound, coded, sound])).toHaveLength(1);
  });

  it('says nothing of channels that differ at any time before, of silence, or of one channel', () => {
    const differs = sound.map((x, i) => (i > 16_000 && i < 20_000 ? 0 : x));
    expect(saidAt([sound, differs])).toEqual([]);
    expect(saidAt([sound.map(() => 0), sound.map(() => 0)])).toEqual([]);
    expect(saidAt([sound])).toEqual([]);
    expect(saidAt([sound, sound.map((x) => 0.5 * x)])).toEqual([]);
  });
});
