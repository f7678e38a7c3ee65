import { afterAll, describe, expect, it } from 'vitest';
import { Engine, NativeGateNetwork, NativeLogMel, SpeakerModel } from '../../src/native/index.js';
import { SpeakerIndex } from '../../src/speakers/speaker-index.js';
import { randomArray, randomModel, randomSource, TINY, unitVector } from '../../measure/random-model.js';

const engine = await Engine.create(randomModel(TINY), { engine: 'cpu', threads: 1 });
const model = await SpeakerModel.fromWeights(randomModel(TINY), { engine: 'cpu', threads: 1 });
afterAll(() => {
  engine.close();
  model.close();
});

const FRAMES = 48;
const features = (seed = 1): Float32Array => randomArray(FRAMES * 80, 2, randomSource(seed));
const SIZE = FRAMES * 80;
/** Each holds as many numbers as the features of a window, or says so. */
const OTHERS: readonly unknown[] = [
  new Uint8Array(SIZE),
  new Int16Array(SIZE),
  new Float64Array(SIZE),
  new BigInt64Array(SIZE),
  new DataView(new ArrayBuffer(4 * SIZE)),
  new ArrayBuffer(4 * SIZE),
  Array.from({ length: SIZE }, () => 0),
  { length: SIZE },
  'text',
  null,
  undefined,
];

describe('what is no Float32Array is refused', () => {
  it('by Engine.embed and SpeakerModel.embedWindow', async () => {
    for (const other of OTHERS as Float32Array[]) {
      const refused = { code: 'invalid-option', message: expect.stringContaining('Float32Array') as unknown };
      await expect(engine.embed(other, FRAMES)).rejects.toMatchObject(refused);
      await expect(model.embedWindow({ features: other, frames: FRAMES })).rejects.toMatchObject(refused);
    }
  });

  it('by SpeakerModel.embed: integers would be samples that are thousands of times too loud', async () => {
    for (const other of OTHERS as Float32Array[]) {
      await expect(model.embed(other, 16_000)).rejects.toMatchObject({ code: 'invalid-option' });
    }
  });

  it('by the front end, as are counts that cannot be', () => {
    const logMel = new NativeLogMel();
    const gate = new NativeGateNetwork();
    const samples = new Float32Array(800);
    for (const count of [-1, 1.5, NaN, Infinity, 3, 2 ** 32 + 1, 1e300]) {
      const refused = expect.objectContaining({ name: 'WhospeaksError', code: 'engine-failed' }) as Error;
      expect(() => logMel.compute({ startSample: 0, count, samples })).toThrow(refused);
      expect(() => gate.scores(new Float32Array(160), count)).toThrow(refused);
    }
    for (const Other of [Int16Array, Float64Array]) {
      const refused = expect.objectContaining({ name: 'WhospeaksError', code: 'invalid-option' }) as Error;
      const other = new Other(800) as unknown as Float32Array;
      expect(() => logMel.compute({ startSample: 0, count: 2, samples: other })).toThrow(refused);
      expect(() => gate.scores(other, 2)).toThrow(refused);
    }
  });
});

describe('Engine.embed', () => {
  it('is done with the features when it returns', async () => {
    const expected = await engine.embed(features(), FRAMES);
    const changed = features();
    const moved = features();
    // The first is at work, the second waits; neither may see what the caller does next.
    const answers = [
      engine.embed(changed, FRAMES),
      engine.embed(moved, FRAMES),
      engine.embed(features(2), FRAMES),
    ];
    changed.fill(NaN);
    structuredClone(moved, { transfer: [moved.buffer as ArrayBuffer] });
    const [first, second] = await Promise.all(answers);
    expect(first).toEqual(expected);
    expect(second).toEqual(expected);
  });

  it('takes features in shared memory, and views into larger buffers', async () => {
    const expected = await engine.embed(features(), FRAMES);
    const shared = new Float32Array(new SharedArrayBuffer(4 * (SIZE + 3)));
    const view = shared.subarray(3);
    view.set(features());
    expect(await engine.embed(view, FRAMES)).toEqual(expected);
  });
});

it('a speaker index takes a query in shared memory', () => {
  const index = new SpeakerIndex({ model: { name: 'm', fingerprint: 'f' }, dimension: 24 });
  const query = new Float32Array(new SharedArrayBuffer(4 * 24));
  query.set(unitVector(randomSource(1), 24));
  expect(index.candidates(query)).toEqual([]);
});
