import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosineSimilarity, Engine, SpeakerModel } from '../../src/native/index.js';
import { randomArray, randomModel, randomSource, RESNET34, TINY } from '../../measure/random-model.js';

/** A voice-like buzz: harmonics of a gliding pitch under slow changes of level. */
function buzz(seconds: number, pitchHz: number, sampleRateHz: number): Float32Array {
  const random = randomSource(pitchHz);
  let phase = 0;
  return Float32Array.from({ length: Math.round(seconds * sampleRateHz) }, (_, i) => {
    const t = i / sampleRateHz;
    phase += (2 * Math.PI * pitchHz * (1 + 0.1 * Math.sin(2 * Math.PI * 0.7 * t))) / sampleRateHz;
    let sum = 0;
    for (let n = 1; n <= 12; n += 1) sum += Math.sin(n * phase) / n;
    return 0.1 * sum * (1 + Math.sin(2 * Math.PI * 3 * t)) + 0.001 * random();
  });
}

describe('SpeakerModel', () => {
  let model: SpeakerModel;
  beforeAll(async () => {
    model = await SpeakerModel.fromPretrained(undefined, { engine: 'cpu' });
  });
  afterAll(() => {
    model.close();
  });

  it('is instantiated with random weights and runs forward', async () => {
    const random = await SpeakerModel.fromWeights(randomModel(RESNET34), { engine: 'cpu' });
    const embedding = await random.embed(buzz(1.5, 120, 16_000), 16_000);
    expect(embedding).toHaveLength(256);
    random.close();
  });

  it('loads converted weights', () => {
    expect(model.dimension).toBe(256);
    expect(model.engineName).toBe('cpu');
    expect(model.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(model.name).not.toBe('');
  });

  it('gives embeddings of unit norm', async () => {
    const embedding = await model.embed(buzz(2, 120, 16_000), 16_000);
    expect(embedding).toHaveLength(256);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
  });

  it('finds the same voice more similar than another', async () => {
    const [low, again, high] = await Promise.all([
      model.embed(buzz(2, 110, 16_000), 16_000),
      model.embed(buzz(3, 112, 16_000), 16_000),
      model.embed(buzz(2, 240, 16_000), 16_000),
    ]);
    expect(cosineSimilarity(low, low)).toBeCloseTo(1, 6);
    expect(cosineSimilarity(low, again)).toBeGreaterThan(cosineSimilarity(low, high) + 0.1);
  });

  it('hears the same voice at another sample rate', async () => {
    const at16 = await model.embed(buzz(2, 120, 16_000), 16_000);
    const at44 = await model.embed(buzz(2, 120, 44_100), 44_100);
    expect(cosineSimilarity(at16, at44)).toBeGreaterThan(0.95);
  });

  it('embeds a recording of many minutes in pieces', async () => {
    const tiny = await SpeakerModel.fromWeights(randomModel(TINY), { engine: 'cpu' });
    const short = await tiny.embed(buzz(20, 120, 16_000), 16_000);
    const long = await tiny.embed(buzz(85, 120, 16_000), 16_000);
    expect(cosineSimilarity(short, long)).toBeGreaterThan(0.99);
    expect(Math.hypot(...long)).toBeCloseTo(1, 5);
    tiny.close();
  });

  it('refuses audio that cannot be embedded', async () => {
    const embed = (samples: Float32Array, rate = 16_000): Promise<Float32Array> => model.embed(samples, rate);
    await expect(embed(new Float32Array(0))).rejects.toMatchObject({ code: 'speech-too-short' });
    await expect(embed(buzz(0.3, 120, 16_000))).rejects.toMatchObject({ code: 'speech-too-short' });
    await expect(embed(buzz(1, 120, 16_000), 0)).rejects.toMatchObject({ code: 'audio-unsupported' });
    const broken = buzz(1, 120, 16_000);
    broken[777] = Number.NaN;
    await expect(embed(broken)).rejects.toMatchObject({ code: 'audio-not-finite' });
  });

  it('refuses features that are not finite', async () => {
    const features = new Float32Array(100 * 80).fill(Number.NaN);
    await expect(model.embedWindow({ features, frames: 100 })).rejects.toMatchObject({
      code: 'engine-failed',
    });
  });

  it('tells how much of a window holds two voices, where the model has a readout for it', async () => {
    const plain = randomModel(TINY);
    const [rows, biases] = [plain.tensors.get('embedding.weight')!, plain.tensors.get('embedding.bias')!];
    // A readout that repeats the third row of the last layer: what it says must be that number of the embedding.
    const weight = rows.data.slice(2 * rows.shape[1]!, 3 * rows.shape[1]!);
    const features = randomArray(148 * 80, 1, randomSource(5));
    const engine = await Engine.create(plain, { engine: 'cpu' });
    const raw = await engine.embed(features, 148);
    engine.close();
    const hears = { ...plain, overlap: { weight, bias: biases.data[2]! - 0.5 } };
    const [without, withReadout] = await Promise.all(
      [plain, hears].map(async (weights) => {
        const tiny = await SpeakerModel.fromWeights(weights, { engine: 'cpu' });
        const heard = await tiny.embedWindow({ features, frames: 148 });
        const whole = await tiny.embed(buzz(2, 120, 16_000), 16_000);
        tiny.close();
        return { ...heard, whole, dimension: tiny.dimension };
      }),
    );
    expect(without!.overlap).toBeUndefined();
    expect(withReadout!.overlap).toBeCloseTo(1 / (1 + Math.exp(0.5 - raw[2]!)), 5);
    expect(withReadout!.dimension).toBe(24);
    expect(withReadout!.embedding).toHaveLength(24);
    expect(cosineSimilarity(withReadout!.embedding, without!.embedding)).toBeCloseTo(1, 6);
    expect(cosineSimilarity(withReadout!.whole, without!.whole)).toBeCloseTo(1, 6);
  });

  it('says that a model is missing', async () => {
    await expect(SpeakerModel.fromPretrained('/nowhere/model.safetensors')).rejects.toMatchObject({
      code: 'model-not-found',
    });
  });
});

describe('cosineSimilarity', () => {
  it('is the cosine of the angle, whatever the lengths', () => {
    expect(cosineSimilarity(Float32Array.of(1, 0), Float32Array.of(3, 3))).toBeCloseTo(Math.SQRT1_2, 6);
    expect(cosineSimilarity(Float32Array.of(1, 2), Float32Array.of(-2, -4))).toBe(-1);
    expect(cosineSimilarity(Float32Array.of(0, 0), Float32Array.of(1, 0))).toBe(0);
  });

  it('refuses embeddings of different sizes', () => {
    expect(() => cosineSimilarity(new Float32Array(2), new Float32Array(3))).toThrow(
      expect.objectContaining({ code: 'model-mismatch' }),
    );
  });
});
