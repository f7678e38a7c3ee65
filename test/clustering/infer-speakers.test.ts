import { describe, expect, it } from 'vitest';
import { randomSource } from '../../measure/random-model.js';
import { Breather } from '../../src/clustering/breather.js';
import { inferSpeakers, type Inference } from '../../src/clustering/infer-speakers.js';
import { enrolledPlace, placeOf, stretchPrecision } from '../../src/scoring/two-covariance.js';
import { heardOf, people } from './voices.js';

const [ann, bob] = people(2, 3) as [Float32Array, Float32Array];
const random = randomSource(8);
const OPTIONS = {
  enrolled: [],
  rounds: 20,
  offset: 2,
  unknownShare: 0.5,
  keepAll: false,
};

/** Embeddings of three seconds each. */
function observe(all: readonly Float32Array[]) {
  const dimension = all[0]!.length;
  const places = new Float32Array(all.length * dimension);
  all.forEach((embedding, t) => {
    places.set(placeOf(embedding), t * dimension);
  });
  return {
    count: all.length,
    dimension,
    places,
    weights: new Float64Array(all.length).fill(0.03 * stretchPrecision(3)),
  };
}

const share = ({ shares }: Inference, t: number, k: number, speakers: number): number =>
  shares[t * speakers + k]!;

/** Ten windows of either alone; one-hot but for a little. */
const alone = [...Array.from({ length: 10 }, () => ann), ...Array.from({ length: 10 }, () => bob)].map(
  (voice) => heardOf(voice, random),
);
const begun = (count: number, speakers: number, of: (t: number) => number): Float64Array => {
  const shares = new Float64Array(count * speakers);
  for (let t = 0; t < count; t++) shares[t * speakers + of(t)] = 1;
  return shares;
};

describe('inferSpeakers', () => {
  it('empties speakers whom the others explain', async () => {
    const observations = observe(alone);
    const found = await inferSpeakers(
      observations,
      begun(20, 5, (t) => (t < 10 ? t % 3 : 3 + (t % 2))),
      5,
      OPTIONS,
      new Breather(),
    );
    const used = new Set(
      Array.from({ length: 20 }, (_, t) => [0, 1, 2, 3, 4].find((k) => share(found, t, k, 5) > 0.9)),
    );
    expect(used.size).toBe(2);
    expect(used.has(undefined)).toBe(false);
  });

  it("gives what is an enrolled speaker's to that speaker, and no other", async () => {
    const enrolled = [enrolledPlace(ann, 10), enrolledPlace(people(3, 77)[2]!, 10)];
    const shares = begun(20, 4, (t) => (t < 10 ? 2 : 3));
    for (let t = 0; t < 10; t++) shares[t * 4] = shares[t * 4 + 2] = 0.5;
    const found = await inferSpeakers(observe(alone), shares, 4, { ...OPTIONS, enrolled }, new Breather());
    for (let t = 0; t < 20; t++) expect(share(found, t, t < 10 ? 0 : 3, 4)).toBeGreaterThan(0.9);
  });
});
