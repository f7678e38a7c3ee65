import { describe, expect, it } from 'vitest';
import { Engine, listEngines } from '../../src/native/engine.js';
import { SegmentationModel } from '../../src/native/segmentation-model.js';
import { ENGINE_NAMES } from '../../src/native/engine-names.js';
import type { CanonicalModel } from '../../src/model/types.js';
import {
  cosine,
  randomArray,
  randomModel,
  randomSource,
  RESNET34,
  TINY,
} from '../../measure/random-model.js';

const features = (batch: number, frames: number, seed = 7): Float32Array =>
  randomArray(batch * frames * 80, 2, randomSource(seed));

describe('Engine', () => {
  it('is instantiated and runs forward on random weights', async () => {
    const engine = await Engine.create(randomModel(RESNET34), { engine: 'cpu' });
    const embedding = await engine.embed(features(1, 148), 148);
    expect(embedding).toHaveLength(256);
    expect(embedding.every(Number.isFinite)).toBe(true);
    expect(Math.hypot(...embedding)).toBeGreaterThan(0.01);
    engine.close();
  });

  it('gives every window of a batch what it gives it alone, with any number of threads', async () => {
    const model = randomModel(TINY);
    const one = await Engine.create(model, { engine: 'cpu', threads: 1 });
    const many = await Engine.create(model, { engine: 'cpu', threads: 3 });
    for (const frames of [9, 10, 57, 148]) {
      const batch = 6;
      const input = features(batch, frames);
      const together = await many.embed(input, frames, batch);
      for (let i = 0; i < batch; i += 1) {
        const alone = await one.embed(input.slice(i * frames * 80, (i + 1) * frames * 80), frames);
        const same = together.slice(i * TINY.dimension, (i + 1) * TINY.dimension);
        expect(cosine(alone, same)).toBeGreaterThan(0.999999);
      }
    }
    one.close();
    many.close();
  });

  it('joins waiting calls and answers each with its own embedding', async () => {
    const engine = await Engine.create(randomModel(TINY), { engine: 'cpu' });
    const inputs = Array.from({ length: 40 }, (_, i) => features(1, i % 3 === 0 ? 20 : 30, i));
    const alone: Float32Array[] = [];
    for (const input of inputs) alone.push(await engine.embed(input, input.length / 80));
    const together = await Promise.all(inputs.map((input) => engine.embed(input, input.length / 80)));
    together.forEach((embedding, i) => {
      expect(cosine(embedding, alone[i]!)).toBeGreaterThan(0.999999);
    });
    engine.close();
  });

  it('gives each window of joined calls every output of the network', async () => {
    const plain = randomModel(TINY);
    const { data } = plain.tensors.get('embedding.weight')!;
    // A readout that repeats the third row of the last layer.
    const size = data.length / TINY.dimension;
    const weight = data.slice(2 * size, 3 * size);
    const bias = plain.tensors.get('embedding.bias')!.data[2]! - 0.5;
    const engine = await Engine.create({ ...plain, overlap: { weight, bias } }, { engine: 'cpu' });
    expect(engine.outputs).toEqual(['embedding', 'overlap']);
    const answers = await Promise.all(
      [1, 2, 3].map((batch) => engine.run(features(batch, 20, batch), 20, batch)),
    );
    answers.forEach(({ embedding, overlap }, i) => {
      expect(embedding).toHaveLength((i + 1) * TINY.dimension);
      expect(overlap).toHaveLength(i + 1);
      overlap!.forEach((logOdds, k) => {
        expect(logOdds).toBeCloseTo(embedding![k * TINY.dimension + 2]! - 0.5, 4);
      });
    });
    engine.close();
  });

  it('rejects what waits and runs when it is closed, and what comes after', async () => {
    const engine = await Engine.create(randomModel(RESNET34), { engine: 'cpu' });
    const calls = Array.from({ length: 50 }, () => engine.embed(features(1, 148), 148));
    const settled = Promise.allSettled(calls);
    await new Promise((resolve) => setTimeout(resolve, 5));
    engine.close();
    engine.close();
    const results = await settled;
    const rejected = results.filter((result) => result.status === 'rejected');
    expect(rejected.length).toBeGreaterThan(0);
    for (const result of rejected) expect(result.reason).toMatchObject({ code: 'engine-closed' });
    await expect(engine.embed(features(1, 148), 148)).rejects.toMatchObject({ code: 'engine-closed' });
  });

  it('keeps its queue bounded', async () => {
    const engine = await Engine.create(randomModel(TINY), { engine: 'cpu', maxQueuedWindows: 2 });
    const calls = Array.from({ length: 5 }, () => engine.embed(features(1, 20), 20));
    const results = await Promise.allSettled(calls);
    expect(results.map((result) => result.status)).toContain('fulfilled');
    const last = results[4]!;
    expect(last).toMatchObject({ status: 'rejected', reason: { code: 'engine-failed' } });
    await expect(engine.embed(features(1, 20), 20)).resolves.toHaveLength(TINY.dimension);
    engine.close();
  });

  it('refuses shapes that do not fit', async () => {
    const engine = await Engine.create(randomModel(TINY));
    for (const [length, frames, batch] of [
      [80 * 8, 8, 1],
      [80 * 20, 21, 1],
      [80 * 20, 20, 2],
      [80 * 20, 20, 0],
      [80 * 20, 20.5, 1],
      [0, Number.NaN, 1],
    ] as const) {
      const call = engine.embed(new Float32Array(length), frames, batch);
      await expect(call).rejects.toMatchObject({ code: 'engine-failed' });
    }
    engine.close();
  });

  it('refuses weights that do not fit the config', async () => {
    const model = randomModel(TINY);
    const without = new Map(model.tensors);
    without.delete('layer2.1.conv1.weight');
    const changed = new Map(model.tensors);
    changed.set('conv1.bias', { shape: [9], data: new Float32Array(9) });
    const lying = new Map(model.tensors);
    lying.set('conv1.bias', { shape: [8], data: new Float32Array(7) });
    const models: CanonicalModel[] = [
      { ...model, tensors: without },
      { ...model, tensors: changed },
      { ...model, tensors: lying },
      { ...model, config: { ...TINY, channels: 16 } },
      { ...model, config: { ...TINY, featureSize: 81 } },
      { ...model, config: { ...TINY, blocks: [0, 1, 1, 1] } },
    ];
    for (const bad of models) await expect(Engine.create(bad)).rejects.toMatchObject({ code: 'model-shape' });
  });

  it('takes the fastest precision of this processor where it may choose', async () => {
    const model = randomModel(TINY);
    const all = new Map<string, string>();
    for (const precision of ['fp32', 'int8', 'bf16'] as const) {
      const engine = await Engine.create(model, { engine: 'cpu', precision }).catch(() => undefined);
      if (engine !== undefined) all.set(precision, engine.device);
      engine?.close();
    }
    const chosen = await Engine.create(model, { engine: 'cpu', precision: 'auto' });
    expect(chosen.device).toBe(all.get('bf16') ?? all.get('int8') ?? all.get('fp32'));
    chosen.close();
    // A network that holds in fp32 alone.
    const segmentation = await SegmentationModel.bundled({ engine: 'cpu', precision: 'auto' });
    expect(segmentation.device).toBe(all.get('fp32'));
    segmentation.close();
    await expect(
      Engine.create(randomModel({ ...TINY, featureSize: 7 }), { engine: 'cpu', precision: 'auto' }),
    ).rejects.toMatchObject({ code: 'model-shape' });
  });

  it('names its options and its engines', async () => {
    const model = randomModel(TINY);
    await expect(Engine.create(model, { threads: 0 })).rejects.toMatchObject({ code: 'invalid-option' });
    const engines = listEngines();
    expect(engines.map((engine) => engine.name)).toEqual(ENGINE_NAMES);
    const mlx = engines[1]!;
    if (mlx.reason !== '') {
      await expect(Engine.create(model, { engine: 'mlx' })).rejects.toMatchObject({
        code: 'engine-unavailable',
        message: mlx.reason,
      });
    }
  });
});
