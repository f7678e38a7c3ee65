import { describe, expect, it } from 'vitest';
import { Framer } from '../../src/stream/framer.js';
import { FRAME_SAMPLES, SHIFT_SAMPLES, type FrameBlock } from '../../src/stream/types.js';

const ramp = (from: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => from + i);

/** Push a ramp cut into the given sizes; its samples are their own positions. */
function pushCut(framer: Framer, from: number, sizes: readonly number[]): FrameBlock[] {
  const blocks: FrameBlock[] = [];
  let at = from;
  for (const size of sizes) {
    const block = framer.push({ startSample: at, samples: ramp(at, size) });
    if (block) blocks.push(block);
    at += size;
  }
  return blocks;
}

function starts(blocks: readonly FrameBlock[]): number[] {
  return blocks.flatMap(({ startSample, count }) =>
    Array.from({ length: count }, (_, i) => startSample + i * SHIFT_SAMPLES),
  );
}

describe('Framer', () => {
  it.each([
    [399, 0],
    [400, 1],
    [559, 1],
    [560, 2],
    [24_000, 148],
  ])('gives %i samples %i frames', (samples, frames) => {
    const framer = new Framer();
    expect(starts(pushCut(framer, 0, [samples]))).toHaveLength(frames);
    expect(framer.flush()).toBe(samples);
  });

  it('gives the same frames however the audio is cut', () => {
    const total = 5_000;
    const whole = pushCut(new Framer(), 0, [total]);
    for (const size of [1, 7, 160, 399, 400, 401, 1_000]) {
      const sizes = Array.from({ length: Math.floor(total / size) }, () => size);
      sizes.push(total % size);
      const cut = pushCut(new Framer(), 0, sizes);
      expect(starts(cut)).toEqual(starts(whole));
      const samples = cut.flatMap((block) => [...block.samples]);
      expect(samples).toEqual([...whole[0]!.samples]);
    }
  });

  it('fills each frame with the samples at its place', () => {
    for (const block of pushCut(new Framer(), 0, [1_234, 2_345])) {
      for (let i = 0; i < block.count; i++) {
        const at = block.startSample + i * SHIFT_SAMPLES;
        expect(block.samples[i * FRAME_SAMPLES]).toBe(at);
        expect(block.samples[i * FRAME_SAMPLES + FRAME_SAMPLES - 1]).toBe(at + FRAME_SAMPLES - 1);
      }
    }
  });

  it('starts anew after a gap, with no frame over the hole', () => {
    const framer = new Framer();
    pushCut(framer, 0, [1_000]);
    const [block] = pushCut(framer, 5_003, [600]);
    expect(block?.startSample).toBe(5_003);
    expect(block?.count).toBe(2);
    expect(framer.endSample).toBe(5_603);
  });

  it('counts a tail that is too short for a frame', () => {
    const framer = new Framer();
    pushCut(framer, 0, [560, 13]);
    expect(framer.flush()).toBe(573);
  });
});
