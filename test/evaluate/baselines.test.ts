import { describe, expect, it } from 'vitest';
import {
  baselineEvents,
  bestCosine,
  incrementalClustering,
  speakerManager,
} from '../../measure/baselines/index.js';
import type { Profile } from '../../src/index.js';
import type { EmbeddedWindow } from '../../src/stages.js';

/** Axis k, leaning towards axis `other` by `lean`. */
function voice(k: number, lean = 0, other = 7): Float32Array {
  const vector = new Float32Array(8);
  vector[k] = Math.sqrt(1 - lean * lean);
  if (lean !== 0) vector[other] = lean;
  return vector;
}

const profile = (name: string, k: number): Profile => ({ name, centroid: voice(k) }) as Profile;
const enrolled = [profile('ann', 0), profile('ben', 1)];

/** Windows of 1.5 s every 0.5 s, all of it speech where there is an embedding. */
function windowsOf(embeddings: readonly (Float32Array | null)[]): EmbeddedWindow[] {
  return embeddings.map((embedding, i) => ({
    startSample: i * 8000,
    endSample: i * 8000 + 24_000,
    speechRatio: embedding ? 1 : 0,
    embedding,
    step: {
      startSample: i === 0 ? 0 : 16_000 + i * 8000,
      endSample: 24_000 + i * 8000,
      speech: new Uint8Array(i === 0 ? 150 : 50).fill(embedding ? 1 : 0),
    },
  }));
}

describe('baselineEvents', () => {
  const windows = windowsOf([voice(0), voice(0), voice(1), voice(1), null, null, null, voice(0)]);
  const finals = (lag: number) =>
    baselineEvents(windows, bestCosine.create(enrolled, { threshold: 0.5 }), lag)
      .filter((e) => e.type === 'final')
      .map((e) => [e.speaker, e.startSample / 16_000, e.endSample / 16_000, e.atSample / 16_000]);

  it('labels the step of each window, in stretches of speech', () => {
    expect(finals(0)).toEqual([
      ['ann', 0, 2, 2],
      ['ben', 2, 3, 3],
      ['ann', 4.5, 5, 5],
    ]);
  });

  it('may label a step further back, and is then told later', () => {
    expect(finals(1).slice(0, 2)).toEqual([
      ['ann', 0, 1.5, 2],
      ['ben', 1.5, 3, 3.5],
    ]);
  });
});

describe('best cosine', () => {
  it('names the best over the threshold, else nobody', () => {
    const labeller = bestCosine.create(enrolled, { threshold: 0.7 });
    expect(labeller.label(voice(1, 0.3), 1, 1.5)).toBe('ben');
    expect(labeller.label(voice(3), 1, 1.5)).toBe('unknown');
    expect(labeller.label(voice(1, 0.8), 1, 1.5)).toBe('unknown');
  });
});

describe('incremental clustering', () => {
  const create = () =>
    incrementalClustering.create(enrolled, { enrolledWindows: 1, tau: 0.3, rho: 0.5, delta: 0.5 });
  it('makes a centroid of what is far from all, and knows it again', () => {
    const labeller = create();
    expect(labeller.label(voice(3), 1, 1.5)).toBe('unknown-1');
    expect(labeller.label(voice(4), 1, 1.5)).toBe('unknown-2');
    expect(labeller.label(voice(3, 0.2), 1, 1.5)).toBe('unknown-1');
    expect(labeller.label(voice(0, 0.2), 1, 1.5)).toBe('ann');
  });
  it('gives short speech to the nearest, and too little to nobody', () => {
    const labeller = create();
    expect(labeller.label(voice(3, 0.1, 0), 0.4, 0.6)).toBe('ann');
    expect(labeller.label(voice(0), 0.2, 0.3)).toBeNull();
  });
  it('moves centroids towards what they are given: they are sums', () => {
    const labeller = create();
    const far = voice(0, 0.87, 5);
    expect(labeller.label(far, 1, 1.5)).toBe('unknown-1');
    const drifting = create();
    for (let i = 0; i < 6; i++) drifting.label(voice(0, 0.6, 5), 1, 1.5);
    expect(drifting.label(far, 1, 1.5)).toBe('ann');
  });
});

describe('speaker manager', () => {
  const create = (embeddingThreshold = 0.45) =>
    speakerManager.create(enrolled, {
      speakerThreshold: 0.65,
      embeddingThreshold,
      minSpeechSeconds: 1,
      minUpdateSeconds: 1,
    });
  it('assigns, makes new speakers of long speech alone, and knows them again', () => {
    const labeller = create();
    expect(labeller.label(voice(1, 0.5), 1, 1.5)).toBe('ben');
    expect(labeller.label(voice(3), 1, 0.9)).toBeNull();
    expect(labeller.label(voice(3), 1, 1.2)).toBe('unknown-1');
    expect(labeller.label(voice(3), 1, 0.5)).toBe('unknown-1');
  });
  it('lets an enrolled voice drift, which is its fault', () => {
    const far = voice(0, 0.95, 5);
    expect(create().label(far, 1, 1.5)).toBe('unknown-1');
    const drifting = create();
    for (let i = 0; i < 12; i++) drifting.label(voice(0, 0.8, 5), 1, 1.5);
    expect(drifting.label(far, 1, 1.5)).toBe('ann');
    const still = create(0.1);
    for (let i = 0; i < 12; i++) still.label(voice(0, 0.8, 5), 1, 1.5);
    expect(still.label(far, 1, 1.5)).toBe('unknown-1');
  });
});
