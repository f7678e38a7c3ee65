import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { FeatureWindow } from '../../src/fbank/types.js';
import { fromFile, type AudioSource } from '../../src/stream/index.js';
import { enroll, profileAdvice, profileOf, type EnrollModel } from '../../src/speakers/index.js';
import { robustMean } from '../../src/speakers/robust-mean.js';
import { dot, norm, unit } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { DIMENSION, MODEL, profileFor, randomVoice, windowsOf } from '../tracker/synthetic.js';

const random = randomNumbers(11);
const [A, B] = [randomVoice(random), randomVoice(random)];

/** A network whose embedding is the window's mean spectrum over time, which tells one timbre from another. */
const model: EnrollModel = {
  ...MODEL,
  embedWindow: ({ features, frames }: FeatureWindow) => {
    const sum = new Float32Array(80);
    for (let i = 0; i < frames * 80; i++) sum[i % 80]! += Math.abs(features[i]!);
    return Promise.resolve({ embedding: unit(sum) });
  },
};

/** The first seconds of an example recording, `repeat` times over, then silence; in chunks of an odd size. */
async function spoken(seconds: number, silentSeconds = 0, repeat = 1): Promise<AudioSource> {
  const path = fileURLToPath(new URL('../../examples/audio/alice.wav', import.meta.url));
  const chunks: Float32Array[] = [];
  for await (const { samples } of fromFile(path)) chunks.push(samples);
  const recording = chunks.flatMap((chunk) => Array.from(chunk));
  // The recording begins with a little silence.
  const part = recording.slice(8000, 8000 + seconds * 16_000);
  const silence = Array.from({ length: silentSeconds * 16_000 }, () => 0);
  const samples = Float32Array.from([...Array.from({ length: repeat }, () => part).flat(), ...silence]);
  return {
    live: false,
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < samples.length; at += 5000) {
        yield await Promise.resolve({ startSample: at, samples: samples.slice(at, at + 5000) });
      }
    },
  };
}

describe('enroll', () => {
  test('makes a profile from the stages of the live path', async () => {
    const profile = await enroll(model, {
      name: ' alice ',
      sources: [await spoken(3, 4, 2), await spoken(3, 1)],
    });
    expect(profile).toMatchObject({
      name: 'alice',
      model: { name: MODEL.name, fingerprint: MODEL.fingerprint },
      dimension: 80,
      recordings: 2,
    });
    expect(profile.speechSeconds).toBeGreaterThan(5);
    expect(profile.speechSeconds).toBeLessThan(9.5);
    expect(norm(profile.centroid)).toBeCloseTo(1, 5);
    expect(profile.exemplars.length).toBeGreaterThan(3);
    expect(profile.consistency).toBeGreaterThan(0.5);
  });

  test('says how much speech there was and how much is needed', async () => {
    const short = enroll(model, { name: 'alice', sources: [await spoken(0.3, 3)] });
    await expect(short).rejects.toEqual(expect.objectContaining({ code: 'speech-too-short' }));
    await expect(short).rejects.toThrow(
      /"alice": the recording had \d\.\d s of speech, at least 1\.5 s is needed/,
    );
    await expect(
      enroll(model, { name: 'alice', sources: [await spoken(0.2, 1), await spoken(0.2, 2)] }),
    ).rejects.toThrow(/the 2 recordings had/);
  });

  test('silence and nothing are too short', async () => {
    for (const seconds of [0, 5]) {
      await expect(enroll(model, { name: 'alice', sources: [await spoken(0, seconds)] })).rejects.toEqual(
        expect.objectContaining({ code: 'speech-too-short' }),
      );
    }
  });

  test('refuses a name or options that cannot be, before it listens', async () => {
    const source = await spoken(3);
    let wasRead = false;
    const watched: AudioSource = {
      live: false,
      [Symbol.asyncIterator]: () => {
        wasRead = true;
        return source[Symbol.asyncIterator]();
      },
    };
    await expect(enroll(model, { name: 'unknown', sources: [watched] })).rejects.toEqual(
      expect.objectContaining({ code: 'speaker-name' }),
    );
    await expect(enroll(model, { name: 'alice', sources: [] })).rejects.toThrow(/at least one recording/);
    expect(wasRead).toBe(false);
  });
});

describe('a profile', () => {
  test('is not moved by a quarter of odd windows', () => {
    const clean = windowsOf([{ voice: A, seconds: 8 }]);
    const odd = windowsOf([{ voice: B, seconds: 3 }], { seed: 3 });
    const pure = profileOf(MODEL, 'alice', [clean]);
    const mixed = profileOf(MODEL, 'alice', [[...clean, ...odd]]);
    expect(odd.length).toBeGreaterThanOrEqual(4);
    expect(dot(pure.centroid, mixed.centroid)).toBeGreaterThan(0.98);
    expect(mixed.consistency).toBeLessThan(pure.consistency - 0.1);
  });

  test('counts every recording alike, however long', () => {
    const voice = unit(Float32Array.from(A, (x, i) => x + 0.8 * B[i]!));
    const long = windowsOf([{ voice: A, seconds: 60 }]);
    const short = windowsOf([{ voice, seconds: 4 }], { seed: 2 });
    const { centroid } = profileOf(MODEL, 'alice', [long, short]);
    const middle = unit(Float32Array.from(A, (x, i) => x + voice[i]!));
    expect(dot(centroid, middle)).toBeGreaterThan(0.97);
  });

  test('keeps a bounded number of windows', () => {
    const profile = profileOf(MODEL, 'alice', [windowsOf([{ voice: A, seconds: 300 }])]);
    expect(profile.exemplars).toHaveLength(16);
    expect(profile.dimension).toBe(DIMENSION);
  });

  test('robustMean of one vector is the vector; of a pair, between them', () => {
    expect(dot(robustMean([A], [1]), A)).toBeCloseTo(1, 6);
    const mean = robustMean([A, B], [1, 1]);
    expect(dot(mean, A)).toBeCloseTo(dot(mean, B), 3);
  });

  test('comes with advice: little speech, two voices, the same person twice', () => {
    const good = profileOf(MODEL, 'alice', [windowsOf([{ voice: A, seconds: 12 }])]);
    expect(profileAdvice(MODEL, good, [profileFor('bob', B)])).toEqual([]);
    expect(profileAdvice(MODEL, good, [profileFor('al', A)])).toEqual([
      expect.stringMatching(/sounds like "al"/),
    ]);
    const short = profileOf(MODEL, 'alice', [windowsOf([{ voice: A, seconds: 2 }])]);
    expect(profileAdvice(MODEL, short, [])).toEqual([expect.stringMatching(/only 2\.0 s of speech/)]);
    const two = profileOf(
      MODEL,
      'alice',
      [A, B, randomVoice(random), randomVoice(random)].map((voice, seed) =>
        windowsOf([{ voice, seconds: 3 }], { seed }),
      ),
    );
    expect(profileAdvice(MODEL, two, [])).toEqual([expect.stringMatching(/do not sound like one voice/)]);
  });
});
