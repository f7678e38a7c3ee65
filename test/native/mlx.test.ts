import { describe, expect, it } from 'vitest';
import type { CanonicalModel, ResNetConfig } from '../../src/model/types.js';
import { readModel } from '../../src/model/index.js';
import { Engine, listEngines, SegmentationModel } from '../../src/native/index.js';
import {
  cosine,
  randomArray,
  randomModel,
  randomSource,
  RESNET34,
  TINY,
} from '../../measure/random-model.js';

/** So small that MLX itself, not its arithmetic, takes the time: for going through many shapes. */
const SMALL: ResNetConfig = { blocks: [1, 1, 1, 1], channels: 8, featureSize: 8, dimension: 16 };

const features = (config: ResNetConfig, batch: number, frames: number, seed = 7): Float32Array =>
  randomArray(batch * frames * config.featureSize, 2, randomSource(seed));

/** The engines' least cosine over the windows of a batch. */
async function leastCosine(cpu: Engine, mlx: Engine, model: CanonicalModel, batch: number, frames: number) {
  const input = features(model.config, batch, frames, batch * 1000 + frames);
  const [a, b] = await Promise.all([cpu.embed(input, frames, batch), mlx.embed(input, frames, batch)]);
  expect(b).toHaveLength(batch * model.config.dimension);
  let least = 1;
  for (let at = 0; at < a.length; at += model.config.dimension) {
    const end = at + model.config.dimension;
    least = Math.min(least, cosine(a.subarray(at, end), b.subarray(at, end)));
  }
  return least;
}

async function bothEngines(
  model: CanonicalModel,
  body: (cpu: Engine, mlx: Engine) => Promise<void>,
): Promise<void> {
  const cpu = await Engine.create(model, { engine: 'cpu' });
  const mlx = await Engine.create(model, { engine: 'mlx' });
  await body(cpu, mlx);
  cpu.close();
  mlx.close();
}

describe('the segmentation network on the mlx engine', () => {
  it('says what it says on the cpu engine, whatever the windows', async () => {
    const cpu = await SegmentationModel.bundled({ engine: 'cpu' });
    const mlx = await SegmentationModel.bundled({ engine: 'mlx' });
    const windows = [1261, 5000, 5000, 48_000, 5000, 5000, 5000].map((samples, i) =>
      randomArray(samples, 0.3, randomSource(i + 1)),
    );
    const [expected, received] = [await cpu.segment(windows), await mlx.segment(windows)];
    for (const [i, { logProbabilities }] of expected.entries()) {
      const own = received[i]!.logProbabilities;
      expect(own).toHaveLength(logProbabilities.length);
      for (const [k, value] of logProbabilities.entries())
        expect(Math.abs(own[k]! - value) / Math.max(1, Math.abs(value))).toBeLessThan(1e-3);
    }
    cpu.close();
    mlx.close();
  });

  it('is refused in fp16', async () => {
    await expect(SegmentationModel.bundled({ engine: 'mlx', precision: 'fp16' })).rejects.toMatchObject({
      code: 'engine-unavailable',
    });
  });
});

describe('the mlx engine', () => {
  it('is built in and says what it computes on', async () => {
    const info = listEngines().find(({ name }) => name === 'mlx')!;
    expect(info.reason).toBe('');
    expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
    const engine = await Engine.create(randomModel(TINY), { engine: 'mlx' });
    expect(engine.name).toBe('mlx');
    expect(engine.device).toBe(`MLX ${info.version}, ${info.device}`);
    engine.close();
  });

  it('is what auto takes where it computes on a GPU, and only there', async () => {
    const info = listEngines().find(({ name }) => name === 'mlx')!;
    const engine = await Engine.create(randomModel(TINY));
    expect(engine.name).toBe(info.accelerated ? 'mlx' : 'cpu');
    engine.close();
  });

  it('agrees with the cpu engine at every chunk length', async () => {
    const model = randomModel(SMALL);
    await bothEngines(model, async (cpu, mlx) => {
      let least = 1;
      const lengths = Array.from({ length: 300 - 9 + 1 }, (_, i) => 9 + i).concat(401, 602, 1203, 2405, 6000);
      for (const frames of lengths) least = Math.min(least, await leastCosine(cpu, mlx, model, 1, frames));
      console.log(`${lengths.length} lengths: 1 - cosine ${(1 - least).toExponential(1)}`);
      expect(least).toBeGreaterThanOrEqual(0.9999);
    });
  });

  it('agrees with the cpu engine at every batch size', async () => {
    const model = randomModel(SMALL);
    await bothEngines(model, async (cpu, mlx) => {
      let least = 1;
      for (let batch = 1; batch <= 40; batch += 1) {
        for (const frames of [20, 148]) {
          least = Math.min(least, await leastCosine(cpu, mlx, model, batch, frames));
        }
      }
      console.log(`batches of 1 to 40: 1 - cosine ${(1 - least).toExponential(1)}`);
      expect(least).toBeGreaterThanOrEqual(0.9999);
    });
  });

  it.each([
    ['ResNet34, random weights', () => randomModel(RESNET34)],
    ['the bundled weights', () => readModel('models')],
    [
      'an odd network',
      () => randomModel({ blocks: [2, 1, 3, 1], channels: 12, featureSize: 40, dimension: 33 }),
    ],
  ])('agrees with the cpu engine: %s', async (name, load) => {
    const model = await load();
    await bothEngines(model, async (cpu, mlx) => {
      let least = 1;
      for (const [batch, frames] of [
        [1, 148],
        [3, 61],
        [1, 200],
      ] as const) {
        least = Math.min(least, await leastCosine(cpu, mlx, model, batch, frames));
      }
      console.log(`${name}: 1 - cosine ${(1 - least).toExponential(1)}`);
      expect(least).toBeGreaterThanOrEqual(0.9999);
    });
  });

  it.each(['fp16', 'bf16'] as const)('computes in %s where asked to', async (precision) => {
    const model = await readModel('models');
    const cpu = await Engine.create(model, { engine: 'cpu' });
    const mlx = await Engine.create(model, { engine: 'mlx', precision });
    expect(mlx.device).toContain(`, ${precision}`);
    const least = await leastCosine(cpu, mlx, model, 1, 98);
    console.log(`${precision}: 1 - cosine ${(1 - least).toExponential(1)}`);
    expect(least).toBeGreaterThan(0.999);
    expect(least).toBeLessThan(1 - 1e-9);
    await expect(Engine.create(model, { engine: 'cpu', precision: 'fp16' })).rejects.toMatchObject({
      code: 'engine-unavailable',
    });
    cpu.close();
    mlx.close();
  });

  it('lives beside another of its kind, each with its own weights', async () => {
    const models = [randomModel(TINY, 1), randomModel(TINY, 2)];
    const input = features(TINY, 1, 50);
    const pairs = await Promise.all(
      models.map(async (model) => ({
        cpu: await Engine.create(model, { engine: 'cpu' }),
        mlx: await Engine.create(model, { engine: 'mlx' }),
      })),
    );
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(pairs.map(({ mlx }) => mlx.embed(input, 50)));
      for (const [i, answer] of answers.entries()) {
        expect(cosine(answer, await pairs[i]!.cpu.embed(input, 50))).toBeGreaterThan(0.9999);
      }
      expect(cosine(answers[0]!, answers[1]!)).toBeLessThan(0.9);
    }
    pairs[0]!.mlx.close();
    const left = await pairs[1]!.mlx.embed(input, 50);
    expect(cosine(left, await pairs[1]!.cpu.embed(input, 50))).toBeGreaterThan(0.9999);
    for (const { cpu, mlx } of pairs)
      [cpu, mlx].forEach((engine) => {
        engine.close();
      });
  });

  it('rejects what waits and runs when it is closed', async () => {
    const engine = await Engine.create(randomModel(RESNET34), { engine: 'mlx' });
    const calls = Array.from({ length: 20 }, () => engine.embed(features(RESNET34, 1, 148), 148));
    const settled = Promise.allSettled(calls);
    await new Promise((resolve) => setTimeout(resolve, 5));
    engine.close();
    const rejected = (await settled).filter((result) => result.status === 'rejected');
    expect(rejected.length).toBeGreaterThan(0);
    for (const result of rejected) expect(result.reason).toMatchObject({ code: 'engine-closed' });
  });
});
