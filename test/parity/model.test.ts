import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel, writeSafetensors, type CanonicalModel } from '../../src/model/index.js';
import { cosineSimilarity, Engine } from '../../src/native/index.js';

const root = new URL('../..', import.meta.url).pathname;
let folder = '';

function python(script: string, ...args: string[]): string {
  return execFileSync(join(root, '.venv/bin/python'), [join(root, 'test/parity', script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const read = (name: string): Promise<CanonicalModel> => readModel(join(folder, name));

/** Write `model` by our writer and let numpy and the real safetensors library compare it. */
async function largestDifference(model: CanonicalModel, expected: string): Promise<number> {
  const written = join(folder, 'written.safetensors');
  await writeSafetensors(model, written);
  const result = JSON.parse(python('compare_models.py', join(folder, expected), written)) as {
    same: boolean;
    largest: number;
  };
  expect(result.same).toBe(true);
  return result.largest;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whospeaks-model-'));
  console.log(python('make_models.py', folder).trim());
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('ResNet34 with the published keys and shapes', () => {
  // Formats that keep BatchNorm apart are folded by us in float64, as the reference is: equal to the bit.
  it.each(['pytorch_model.bin', 'weights.npz', 'expected.safetensors'])(
    '%s: equal to numpy',
    async (name) => {
      const model = await read(name);
      expect(model.config).toEqual({ blocks: [3, 4, 6, 3], channels: 32, featureSize: 80, dimension: 256 });
      const largest = await largestDifference(model, 'expected.safetensors');
      console.log(`${name}: largest difference ${largest}, fingerprint ${model.fingerprint.slice(0, 12)}`);
      expect(largest).toBe(0);
      expect(model.fingerprint).toBe((await read('expected.safetensors')).fingerprint);
    },
  );

  // torch folds in float32 when it exports.
  it('voxceleb_resnet34_LM.onnx: equal but for the exporter rounding', async () => {
    const largest = await largestDifference(await read('voxceleb_resnet34_LM.onnx'), 'expected.safetensors');
    console.log(`voxceleb_resnet34_LM.onnx: largest difference ${largest}`);
    expect(largest).toBeLessThan(1e-6);
  });
});

describe('embeddings', () => {
  const floats = (name: string): Float32Array =>
    new Float32Array(new Uint8Array(readFileSync(join(folder, name))).buffer);

  it.each(['pytorch_model.bin', 'weights.npz', 'expected.safetensors', 'voxceleb_resnet34_LM.onnx'])(
    'of the network read from %s are those of PyTorch',
    async (name) => {
      const engine = await Engine.create(await read(name), { engine: 'cpu', threads: 1 });
      const embeddings = await engine.embed(floats('features.f32'), 148, 2);
      engine.close();
      const expected = floats('embeddings.f32');
      for (const from of [0, 256]) {
        const cosine = cosineSimilarity(embeddings.slice(from, from + 256), expected.slice(from, from + 256));
        console.log(`${name}: 1 - cosine ${(1 - cosine).toExponential(1)}`);
        expect(cosine).toBeGreaterThanOrEqual(0.99999);
      }
      // Two windows of noise: the test would see it if the engine answered always the same.
      expect(cosineSimilarity(embeddings.slice(0, 256), expected.slice(256))).toBeLessThan(0.9999);
    },
  );
});

describe('every variant, on a ResNet18 with 8 channels', () => {
  it.each([
    'plain.pt',
    'parallel.pt',
    'nested.pt',
    'views.pt',
    'parameters.pt',
    'unfused.safetensors',
    'unfused-ohwi.safetensors',
    'compressed.npz',
    'fortran.npz',
    'unfolded.onnx',
    'rewritten.onnx',
  ])('%s: equal to numpy, one fingerprint', async (name) => {
    const model = await read(name);
    expect(await largestDifference(model, 'small.safetensors')).toBe(0);
    expect(model.fingerprint).toBe((await read('small.safetensors')).fingerprint);
  });

  it.each(['folded.onnx', 'opset11.onnx'])('%s: equal but for the exporter rounding', async (name) => {
    const largest = await largestDifference(await read(name), 'small.safetensors');
    console.log(`${name}: largest difference ${largest}`);
    expect(largest).toBeLessThan(1e-6);
  });

  it('mean-vector.onnx: the mean vector goes into the bias', async () => {
    const largest = await largestDifference(await read('mean-vector.onnx'), 'mean-vector.safetensors');
    console.log(`mean-vector.onnx: largest difference ${largest}`);
    expect(largest).toBeLessThan(1e-6);
    expect(await largestDifference(await read('mean-vector.onnx'), 'small.safetensors')).toBeGreaterThan(0.1);
  });

  it.each(['half', 'bfloat16', 'double'])(
    '%s: decoded exactly, from torch and from safetensors',
    async (type) => {
      for (const kind of ['pt', 'safetensors']) {
        const largest = await largestDifference(
          await read(`${type}.${kind}`),
          `${type}-expected.safetensors`,
        );
        expect(largest).toBe(0);
      }
    },
  );

  it('reads back what it wrote, with the same fingerprint', async () => {
    const model = await read('plain.pt');
    await writeSafetensors(
      { ...model, calibration: { scale: 12.5, offset: -6 } },
      join(folder, 'again.safetensors'),
    );
    const again = await read('again.safetensors');
    expect(again.fingerprint).toBe(model.fingerprint);
    expect(again.name).toBe('plain');
    expect(again.calibration).toEqual({ scale: 12.5, offset: -6 });
  });
});

describe('files that are no weights of the family', () => {
  it.each([
    ['legacy.pt', 'model-unsupported', /before 1\.6/],
    ['whole-module.pt', 'model-unsupported', /state_dict/],
    ['script.pt', 'model-unsupported', /TorchScript/],
  ])('%s: %s', async (name, code, message) => {
    await expect(read(name)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});
