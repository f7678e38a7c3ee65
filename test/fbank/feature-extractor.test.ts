import { describe, expect, it } from 'vitest';
import { FeatureExtractor } from '../../src/fbank/feature-extractor.js';
import { MEL_BINS, type FeatureBlock } from '../../src/fbank/types.js';
import { nativeFrontEnd } from '../../src/native/index.js';
import { Framer } from '../../src/stream/framer.js';
import { randomNumbers } from '../random.js';
import { voice } from './signals.js';

/** Two phrases with pauses over faint noise. */
function phrases(): Float32Array {
  const random = randomNumbers(9);
  const samples = Float32Array.from({ length: 5 * 16_000 }, () => 1e-3 * (random() - 0.5));
  voice(1.2, 120, 0.2).forEach((v, i) => (samples[8_000 + i]! += v));
  voice(1.2, 220, 0.2).forEach((v, i) => (samples[48_000 + i]! += v));
  return samples;
}

function extract(samples: Float32Array, cut: () => number): FeatureBlock[] {
  const framer = new Framer();
  const extractor = new FeatureExtractor(nativeFrontEnd);
  const blocks: FeatureBlock[] = [];
  for (let at = 0; at < samples.length;) {
    const end = Math.min(samples.length, at + cut());
    const frames = framer.push({ startSample: at, samples: samples.slice(at, end) });
    if (frames) blocks.push(extractor.push(frames));
    at = end;
  }
  return blocks;
}

function join(blocks: FeatureBlock[]): { features: Buffer; speech: string } {
  return {
    features: Buffer.concat(blocks.map((b) => new Uint8Array(b.features.slice().buffer))),
    speech: blocks.map((b) => b.speech.join('')).join(''),
  };
}

describe('FeatureExtractor', () => {
  const samples = phrases();
  const whole = join(extract(samples, () => samples.length));

  it('gives 80 features and one flag a frame', () => {
    expect(whole.speech.length).toBe(498);
    expect(whole.features.length).toBe(498 * MEL_BINS * 4);
  });

  it('gives the same bits however the sound is cut', () => {
    const random = randomNumbers(11);
    const cuts = [() => 1, () => 160, () => 399, () => 1 + Math.floor(random() * 3000)];
    for (const cut of cuts) {
      const other = join(extract(samples, cut));
      expect(other.speech).toBe(whole.speech);
      expect(other.features.equals(whole.features)).toBe(true);
    }
  });

  it('starts its gate anew behind a gap', () => {
    const extractor = new FeatureExtractor(nativeFrontEnd);
    const frames = new Framer().push({ startSample: 0, samples })!;
    const first = extractor.push(frames);
    const later = extractor.push({ ...frames, startSample: 1_000_000 });
    expect(later.speech).toEqual(first.speech);
    expect(later.startSample).toBe(1_000_000);
  });
});
