import { from, lastValueFrom, map, of, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { FeatureExtractor } from '../../src/fbank/feature-extractor.js';
import { features, windows } from '../../src/fbank/operator.js';
import { Windower } from '../../src/fbank/windower.js';
import { nativeFrontEnd } from '../../src/native/index.js';
import { FRAME_SAMPLES, type FrameBlock } from '../../src/stream/types.js';
import { frameBlock } from './frame-block.js';
import { voice } from './signals.js';

const whole = frameBlock(voice(2.2, 130));

/** The same frames in blocks of `size`. */
function cut(size: number): FrameBlock[] {
  const blocks: FrameBlock[] = [];
  for (let i = 0; i < whole.count; i += size) {
    const count = Math.min(size, whole.count - i);
    blocks.push({
      startSample: i * 160,
      count,
      samples: whole.samples.subarray(i * FRAME_SAMPLES, (i + count) * FRAME_SAMPLES),
    });
  }
  return blocks;
}

describe('features and windows', () => {
  it('stream what the classes compute, the last window included, on each subscription', async () => {
    const windower = new Windower();
    const expected = [
      ...windower.push(new FeatureExtractor(nativeFrontEnd).push(whole)),
      ...windower.flush(),
    ];
    expect(expected.length).toBe(3);
    const streamed = from(cut(17)).pipe(features(nativeFrontEnd), windows(), toArray());
    expect(await lastValueFrom(streamed)).toEqual(expected);
    expect(await lastValueFrom(streamed)).toEqual(expected);
  });

  it('pass an error on', async () => {
    const broken = throwError(() => new Error('no more')).pipe(features(nativeFrontEnd), windows());
    await expect(lastValueFrom(broken)).rejects.toThrow('no more');
  });

  it('turn a fault in a stage into an error of the stream', async () => {
    const gate = {
      push: () => {
        throw new Error('gate broke');
      },
      reset: () => undefined,
    };
    const stream = of(whole).pipe(
      features({ ...nativeFrontEnd, makeGate: () => gate }),
      windows(),
      map((w) => w.frames),
    );
    await expect(lastValueFrom(stream)).rejects.toThrow('gate broke');
  });

  it('reject a bad option at once', () => {
    const refused = expect.objectContaining({ code: 'invalid-option' }) as Error;
    expect(() => windows({ stepMs: 5 })).toThrow(refused);
    for (const frontEnd of [undefined, {}, { makeGate: nativeFrontEnd.makeGate }]) {
      expect(() => features(frontEnd as typeof nativeFrontEnd)).toThrow(refused);
    }
  });
});
