import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/native/load-addon.js';
import { describeFeatures } from '../../src/model/network.js';
import { Engine, nativeTensors } from '../../src/native/engine.js';
import { MaskedEmbedder } from '../../src/native/masked-embedder.js';
import {
  cosine,
  randomArray,
  randomModel,
  FAMILY,
  randomSource,
  RESNET34,
  TINY,
} from '../../measure/random-model.js';

const features = (frames: number, seed = 7): Float32Array => randomArray(frames * 80, 2, randomSource(seed));
const difference = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

/** Weighted mean and deviation in double precision, then the linear layer: pyannote's StatsPool, plainly. */
function pooled(
  columns: Float32Array,
  mask: Float32Array,
  {
    rows,
    channels,
    weight,
    bias,
  }: { rows: number; channels: number; weight: Float32Array; bias: Float32Array },
): Float32Array {
  const size = rows * channels;
  const v1 = mask.reduce((sum, w) => sum + w, 0) + 1e-8;
  const v2 = mask.reduce((sum, w) => sum + w * w, 0);
  const statistics: number[] = [];
  const means: number[] = [];
  const deviations: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < rows; row++) {
      const at = (t: number): number => columns[t * size + row * channels + c]!;
      let mean = 0;
      mask.forEach((w, t) => (mean += (w * at(t)) / v1));
      let variance = 0;
      mask.forEach((w, t) => (variance += w * (at(t) - mean) ** 2));
      means.push(mean);
      deviations.push(Math.sqrt(variance / (v1 - v2 / v1 + 1e-8) + 1e-7));
    }
  }
  statistics.push(...means, ...deviations);
  return bias.map((b, o) =>
    statistics.reduce((sum, value, i) => sum + value * weight[o * statistics.length + i]!, b),
  );
}

describe('MaskedEmbedder', () => {
  it('gives with a mask of ones what the network gives, in every precision of this machine', async () => {
    for (const config of [TINY, RESNET34, ...FAMILY]) {
      for (const precision of ['fp32', 'bf16', 'int8'] as const) {
        const model = randomModel(config);
        const whole = await Engine.create(model, { engine: 'cpu', precision }).catch(() => null);
        if (whole === null) continue;
        const halves = await MaskedEmbedder.create(model, { engine: 'cpu', precision });
        for (const frames of [9, 148, 301]) {
          const columns = await halves.columns(features(frames), frames);
          const width = Math.ceil(frames / 8);
          expect(columns).toHaveLength(width * halves.columnSize);
          const [embedding] = await halves.pool(columns, [new Float32Array(width).fill(1)]);
          const expected = await whole.embed(features(frames), frames);
          expect(cosine(embedding!, expected)).toBeGreaterThan(precision === 'fp32' ? 0.999999 : 0.9999);
        }
        whole.close();
        halves.close();
      }
    }
  });

  it('weighs columns as the formula says, and gives each mask its own embedding', async () => {
    const model = randomModel(TINY);
    const halves = await MaskedEmbedder.create(model, { engine: 'cpu' });
    const frames = 200;
    const columns = await halves.columns(features(frames), frames);
    const random = randomSource(3);
    const masks = [0, 0.3, 0.9].map((floor) =>
      Float32Array.from({ length: 25 }, () => Math.max(0, random() - floor)),
    );
    masks[1]!.fill(0, 4);
    const embeddings = await halves.pool(columns, masks);
    const rows = 10;
    const channels = halves.columnSize / rows;
    const weight = model.tensors.get('embedding.weight')!.data;
    const bias = model.tensors.get('embedding.bias')!.data;
    for (const [i, mask] of masks.entries()) {
      const expected = pooled(columns, mask, { rows, channels, weight, bias });
      expect(difference(embeddings[i]!, expected)).toBeLessThan(1e-4);
    }
    halves.close();
  });

  it('reads no column that its mask leaves out', async () => {
    const halves = await MaskedEmbedder.create(randomModel(TINY), { engine: 'cpu' });
    const columns = await halves.columns(features(160), 160);
    const mask = new Float32Array(20).fill(1, 5, 12);
    const [before] = await halves.pool(columns, [mask]);
    columns.fill(99, 0, 5 * halves.columnSize);
    const [after] = await halves.pool(columns, [mask]);
    expect(after).toEqual(before);
    halves.close();
  });

  it('refuses masks that do not fit, and numbers that are none', async () => {
    const halves = await MaskedEmbedder.create(randomModel(TINY), { engine: 'cpu' });
    const columns = new Float32Array(20 * halves.columnSize);
    await expect(halves.pool(columns, [new Float32Array(19)])).rejects.toMatchObject({
      code: 'engine-failed',
    });
    await expect(halves.pool(columns, [new Float32Array(20).fill(NaN)])).rejects.toMatchObject({
      code: 'engine-failed',
    });
    await expect(halves.pool(columns, [new Float32Array(20).fill(-1)])).rejects.toMatchObject({
      code: 'engine-failed',
    });
    const { pooling, maps } = describeFeatures(randomModel(TINY));
    expect(() => loadAddon().createMaskedPooling(pooling, nativeTensors(maps))).toThrow('"embedding.weight"');
    halves.close();
  });
});
