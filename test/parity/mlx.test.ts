import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/model/index.js';
import { cosineSimilarity, Engine, SegmentationModel } from '../../src/native/index.js';
import { outputRows } from './output-rows.js';
import { compareWithPyTorch, segmentationCases } from './segmentation-cases.js';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-mlx-'));

function python(script: string, ...args: string[]): string {
  return execFileSync(join(root, '.venv/bin/python'), [join(root, 'test/parity', script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function floats(path: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
}

async function leastCosine(engine: Engine, stem: string, frames: number, batch: number): Promise<number> {
  const rows = outputRows(await engine.run(floats(`${stem}features`), frames, batch), batch);
  const expected = floats(`${stem}embeddings`);
  const size = expected.length / batch;
  return Math.min(...rows.map((row, i) => cosineSimilarity(row, expected.slice(i * size, (i + 1) * size))));
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Case {
  readonly model: string;
  readonly path: string;
  readonly batch: number;
  readonly frames: number;
  readonly stem: string;
}

describe('the mlx engine against PyTorch', () => {
  let cases: Case[] = [];
  beforeAll(() => {
    cases = JSON.parse(python('native.py', folder, join(root, 'models/model.safetensors'))) as Case[];
  });

  it.each(['random-resnet34', 'random-resnet18', 'bundled'])(
    '%s: every batch and frame count',
    async (name) => {
      const own = cases.filter(({ model }) => model === name);
      expect(own.length).toBeGreaterThan(5);
      const model = await readModel(own[0]!.path);
      const engine = await Engine.create(model, { engine: 'mlx' });
      let least = 1;
      for (const { stem, frames, batch } of own) {
        least = Math.min(least, await leastCosine(engine, `${stem}.`, frames, batch));
      }
      engine.close();
      console.log(`${name}: 1 - cosine ${(1 - least).toExponential(1)}`);
      expect(least).toBeGreaterThanOrEqual(0.9999);
    },
  );
});

describe('the segmentation network on the mlx engine against PyTorch', () => {
  // On a processor MLX takes seconds for a window.
  const kinds = ['speech-in-noise', 'silence'];
  it('bundled weights: frames of speech, noise and silence', { timeout: 600_000 }, async () => {
    const name = 'bundled';
    const own = segmentationCases(folder).filter(
      ({ model, kind, batch }) => model === name && (kinds.includes(kind) || batch === 4),
    );
    expect(own).toHaveLength(3);
    const model = await SegmentationModel.fromFile(own[0]!.path, { engine: 'mlx' });
    let most = 0;
    for (const each of own) {
      const { greatest, unlike, samples } = await compareWithPyTorch(model, each);
      console.log(
        `${name}, ${each.kind}, ${each.batch} x ${samples}: difference ${greatest.toExponential(1)}`,
      );
      expect(unlike).toBe(0);
      // Of a constant, three norms of next to no variance tell rounding, which differs by processor in MLX's products.
      if (each.kind !== 'silence') most = Math.max(most, greatest);
    }
    model.close();
    expect(most).toBeLessThanOrEqual(1e-3);
  });
});

describe('the mlx engine with weights of', () => {
  beforeAll(() => {
    python('make_models.py', folder);
  });

  it.each(['pytorch_model.bin', 'weights.npz', 'expected.safetensors', 'voxceleb_resnet34_LM.onnx'])(
    '%s gives the embeddings of PyTorch',
    async (name) => {
      const engine = await Engine.create(await readModel(join(folder, name)), { engine: 'mlx' });
      const embeddings = await engine.embed(floats(join(folder, 'features.f32')), 148, 2);
      engine.close();
      const expected = floats(join(folder, 'embeddings.f32'));
      for (const at of [0, 256]) {
        const cosine = cosineSimilarity(embeddings.slice(at, at + 256), expected.slice(at, at + 256));
        console.log(`${name}: 1 - cosine ${(1 - cosine).toExponential(1)}`);
        expect(cosine).toBeGreaterThanOrEqual(0.9999);
      }
    },
  );
});
