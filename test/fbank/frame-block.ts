import { FRAME_SAMPLES, SHIFT_SAMPLES, type FrameBlock } from '../../src/stream/types.js';

/** All whole frames of a signal. */
export function frameBlock(samples: Float32Array, startSample = 0): FrameBlock {
  const count = Math.max(0, Math.floor((samples.length - FRAME_SAMPLES) / SHIFT_SAMPLES) + 1);
  const frames = new Float32Array(count * FRAME_SAMPLES);
  for (let i = 0; i < count; i++) {
    frames.set(samples.subarray(i * SHIFT_SAMPLES, i * SHIFT_SAMPLES + FRAME_SAMPLES), i * FRAME_SAMPLES);
  }
  return { startSample, count, samples: frames };
}
