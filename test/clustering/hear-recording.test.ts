import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomSource } from '../../measure/random-model.js';
import { hearRecording } from '../../src/clustering/hear-recording.js';
import { DIARIZATION } from '../../src/clustering/settings.js';
import type { WindowSegmenter } from '../../src/native/types.js';
import type { MaskEmbedder } from '../../src/native/masked-embedder.js';
import { SpeakerModel } from '../../src/native/speaker-model.js';
import { createSource, fromSamples } from '../../src/stream/source.js';
import { dot } from '../../src/vectors.js';

/** One local speaker who talks from the first second of the recording on; it keeps what windows it was given. */
function alwaysOne(): WindowSegmenter & { heard: Float32Array[] } {
  const heard: Float32Array[] = [];
  return {
    heard,
    segment: (windows) => {
      heard.push(...windows);
      const one = Float32Array.from({ length: 589 * 7 }, (_, i) => (i % 7 === 1 ? -0.001 : -9));
      return Promise.resolve(windows.map(() => ({ logProbabilities: one })));
    },
  };
}

const random = randomSource(2);
const noise = Float32Array.from({ length: 16_000 * 47 + 123 }, () => 0.1 * random());

describe('hearRecording', () => {
  let model: SpeakerModel;
  let embedder: MaskEmbedder;
  beforeAll(async () => {
    model = await SpeakerModel.fromPretrained(undefined, { engine: 'cpu' });
    embedder = await model.maskedEmbedder();
  });
  afterAll(() => {
    model.close();
    embedder.close();
  });
  const hear = (source = fromSamples(noise), segmenter: WindowSegmenter = alwaysOne()) =>
    hearRecording(source, { embedder, segmenter }, { settings: DIARIZATION });

  it('hears every sample, the last window ending with the recording', async () => {
    const segmenter = alwaysOne();
    const { windows, samples } = await hear(fromSamples(noise), segmenter);
    expect(samples).toBe(noise.length);
    const starts = windows.map(({ startFrame }) => startFrame * 270);
    expect(starts.slice(0, -1)).toEqual(starts.slice(0, -1).map((_, i) => i * DIARIZATION.stepFrames * 270));
    expect(starts.at(-1)! + 160_000).toBeGreaterThanOrEqual(noise.length);
    expect(starts.at(-1)! + 160_000).toBeLessThan(noise.length + 270);
    starts.forEach((start, i) => {
      const window = new Float32Array(160_000);
      window.set(noise.subarray(start, start + 160_000));
      expect(Buffer.from(window.buffer).equals(Buffer.from(segmenter.heard[i]!.buffer))).toBe(true);
    });
  });

  it('hears the same however the sound is cut', async () => {
    async function* pieces() {
      for (let at = 0; at < noise.length; at += 7777) {
        await Promise.resolve();
        yield { startSample: at, samples: noise.slice(at, at + 7777) };
      }
    }
    const cut = createSource({ live: false, open: () => pieces() });
    expect(await hear(cut)).toEqual(await hear());
  });

  it('gives nearly what the network gives for a window by itself', async () => {
    const { windows } = await hear();
    for (const { startFrame, voices } of windows.slice(0, -1)) {
      const own = await model.embed(noise.slice(startFrame * 270, startFrame * 270 + 160_000), 16_000);
      expect(dot(voices[0]!.embedding, own)).toBeGreaterThan(0.97);
    }
  });

  it('takes lost sound for silence', async () => {
    async function* lossy() {
      await Promise.resolve();
      yield { startSample: 0, samples: noise.slice(0, 16_000) };
      yield { startSample: 400_000, samples: noise.slice(0, 16_000) };
    }
    const segmenter = alwaysOne();
    const { samples } = await hear(createSource({ live: true, open: () => lossy() }), segmenter);
    expect(samples).toBe(416_000);
    expect(segmenter.heard[0]!.subarray(16_000).every((sample) => sample === 0)).toBe(true);
  });
});
