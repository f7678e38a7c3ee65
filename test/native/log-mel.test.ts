import { describe, expect, it } from 'vitest';
import { NativeLogMel } from '../../src/native/front-end.js';
import { FRAME_SAMPLES, MEL_BINS } from '../../src/stream/geometry.js';
import { frameBlock } from '../fbank/frame-block.js';
import { voice } from '../fbank/signals.js';

describe('NativeLogMel', () => {
  const block = frameBlock(voice(1, 150));

  it('finds a tone in the triangle that holds it', () => {
    const tone = Float32Array.from(
      { length: FRAME_SAMPLES },
      (_, i) => 0.5 * Math.sin((2 * Math.PI * 1000 * i) / 16_000),
    );
    const features = new NativeLogMel().compute(frameBlock(tone));
    // 1000 Hz is 1000 mel; (1000 - 31.75) / 34.67 = 27.9 steps above 20 Hz: the peak of triangle 27.
    expect(features.indexOf(Math.max(...features))).toBe(27);
  });

  it('floors silence at the logarithm of FLT_EPSILON', () => {
    const features = new NativeLogMel().compute(frameBlock(new Float32Array(FRAME_SAMPLES)));
    expect(features).toHaveLength(MEL_BINS);
    expect(features.every((v) => v === Math.fround(Math.log(2 ** -23)))).toBe(true);
  });

  it('leaves its input as it was', () => {
    const before = block.samples.slice();
    new NativeLogMel().compute(block);
    expect(Buffer.compare(Buffer.from(block.samples.buffer), Buffer.from(before.buffer))).toBe(0);
  });
});
