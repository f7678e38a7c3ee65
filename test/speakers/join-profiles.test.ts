import { expect, test } from 'vitest';
import { enroll, fromFile, fromSamples, readAll, SpeakerModel } from '../../src/index.js';
import { joinProfiles } from '../../src/speakers/join-profiles.js';
import { dot } from '../../src/vectors.js';
import { AUDIO } from '../helpers.js';

test('two enrolments joined are much like one from all their recordings', async () => {
  const model = await SpeakerModel.fromPretrained();
  const samples = await readAll(fromFile(`${AUDIO}/alice.wav`));
  const half = Math.floor(samples.length / 2);
  const parts = [samples.subarray(0, half), samples.subarray(half)];
  const enrolled = (...some: Float32Array[]) =>
    enroll(model, { name: 'alice', sources: some.map((each) => fromSamples(each)) });
  const [first, second, both] = [
    await enrolled(parts[0]!),
    await enrolled(parts[1]!),
    await enrolled(...parts),
  ];
  const joined = joinProfiles(first, second);
  expect(joined).toMatchObject({ name: 'alice', recordings: 2, dimension: both.dimension });
  expect(joined.speechSeconds).toBeCloseTo(both.speechSeconds, 1);
  expect(dot(joined.centroid, both.centroid)).toBeGreaterThan(0.98);
  expect(dot(joined.centroid, both.centroid)).toBeGreaterThan(dot(first.centroid, both.centroid));
  expect(joined.consistency).toBeCloseTo(both.consistency, 1);
  expect(joined.exemplars.length).toBeLessThanOrEqual(16);
  expect(joined.exemplars.some((each) => second.exemplars.includes(each))).toBe(true);
  const other = { ...second, model: { name: 'other', fingerprint: 'f'.repeat(64) } };
  expect(() => joinProfiles(first, other)).toThrow(
    expect.objectContaining({ code: 'model-mismatch' }) as Error,
  );
  model.close();
});
