import { describe, expect, it } from 'vitest';
import { SpeakerIndex } from '../../src/speakers/speaker-index.js';
import { randomSource } from '../../measure/random-model.js';

const model = { name: 'm', fingerprint: 'f' };
const DIMENSION = 64;

/** Unit vectors that all lean to one side, as a network's do. */
function voices(count: number, seed = 1): Float32Array[] {
  const random = randomSource(seed);
  return Array.from({ length: count }, () =>
    unit(Float32Array.from({ length: DIMENSION }, (_, k) => random() + random() + (k === 0 ? 1 : 0))),
  );
}
function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
const profile = (
  centroid: Float32Array,
  i: number,
): { name: string; model: typeof model; centroid: Float32Array } => ({
  name: `speaker ${i}`,
  model,
  centroid,
});
function filled(list: readonly Float32Array[]): SpeakerIndex {
  const index = new SpeakerIndex({ model, dimension: DIMENSION });
  index.add(list.map(profile));
  return index;
}

describe('SpeakerIndex', () => {
  it('finds the nearest of a small set exactly, best first', () => {
    const list = voices(500);
    const index = filled(list);
    for (const query of voices(20, 2)) {
      const expected = list
        .map((centroid, i) => ({ speaker: `speaker ${i}`, score: dot(centroid, query) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, 7);
      const found = index.candidates(query, 7);
      expect(found.map(({ speaker }) => speaker)).toEqual(expected.map(({ speaker }) => speaker));
      for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(expected[i]!.score, 5);
    }
  });

  it('finds a voice among very many by its codes, with its true cosine, while speakers come and go', () => {
    const list = voices(12_000);
    const index = filled(list.slice(0, 6000));
    index.add(list.slice(6000, 11_000).map((centroid, i) => profile(centroid, 6000 + i)));
    index.add(list.slice(11_000).map((centroid, i) => profile(centroid, 11_000 + i)));
    const random = randomSource(3);
    for (let i = 0; i < 12_000; i += 397) {
      const query = unit(list[i]!.map((value) => value + 0.06 * random()));
      const [found] = index.candidates(query);
      expect(found!.speaker).toBe(`speaker ${i}`);
      expect(found!.score).toBeCloseTo(dot(list[i]!, query), 5);
      expect(index.remove(`speaker ${i}`)).toBe(true);
      expect(index.candidates(query)[0]!.speaker).not.toBe(`speaker ${i}`);
    }
    expect(index.size).toBe(12_000 - 31);
    const last = list[11_999]!;
    expect(index.candidates(last)[0]!.speaker).toBe('speaker 11999');
  });

  it('keeps who is who when a speaker goes', () => {
    const list = voices(5);
    const index = filled(list);
    expect(index.remove('SPEAKER 1')).toBe(true);
    expect(index.remove('speaker 1')).toBe(false);
    for (const i of [0, 2, 3, 4]) expect(index.candidates(list[i]!)[0]!.speaker).toBe(`speaker ${i}`);
    index.add([profile(list[1]!, 1)]);
    expect(index.candidates(list[1]!)[0]!.speaker).toBe('speaker 1');
    expect(index.candidates(list[1]!, 99)).toHaveLength(5);
    for (const i of [0, 1, 2, 3, 4]) index.remove(`speaker ${i}`);
    expect(index.candidates(list[0]!)).toEqual([]);
  });

  it('refuses a taken name, another model and embeddings that do not fit, and stays as it was', () => {
    const list = voices(3);
    const index = filled(list);
    const code = (action: () => unknown): unknown => {
      try {
        action();
      } catch (error) {
        return (error as { code: string }).code;
      }
      return 'no error';
    };
    const fresh = profile(list[0]!, 9);
    expect(
      code(() => {
        index.add([fresh, profile(list[0]!, 1)]);
      }),
    ).toBe('speaker-exists');
    expect(
      code(() => {
        index.add([fresh, fresh]);
      }),
    ).toBe('speaker-exists');
    expect(
      code(() => {
        index.add([{ ...fresh, model: { name: 'n', fingerprint: 'other' } }]);
      }),
    ).toBe('model-mismatch');
    expect(
      code(() => {
        index.add([fresh, { ...fresh, name: 'x', centroid: new Float32Array(3) }]);
      }),
    ).toBe('model-mismatch');
    expect(code(() => index.candidates(new Float32Array(DIMENSION).fill(Number.NaN)))).toBe('model-mismatch');
    expect(code(() => index.candidates(list[0]!, 0))).toBe('invalid-option');
    expect(code(() => new SpeakerIndex({ model, dimension: 0 }))).toBe('invalid-option');
    expect(index.size).toBe(3);
  });
});
