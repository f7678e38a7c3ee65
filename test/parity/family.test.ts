import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readModel, writeSafetensors, type CanonicalModel } from '../../src/model/index.js';
import { cosineSimilarity, Engine } from '../../src/native/index.js';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-family-'));

interface Case {
  readonly model: string;
  readonly batch: number;
  readonly frames: number;
  readonly stem: string;
}

const cases = JSON.parse(
  execFileSync(join(root, '.venv/bin/python'), [join(root, 'test/parity/family.py'), folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
) as Case[];

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function floats(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

const read = (name: string): Promise<CanonicalModel> => readModel(join(folder, name));

/** Of all windows of all cases; and the greatest likeness of two windows, by which an engine that hears nothing is told. */
async function leastCosine(model: CanonicalModel, own: readonly Case[]): Promise<[number, number]> {
  const engine = await Engine.create(model, { engine: 'cpu', threads: 2 });
  let least = 1;
  let alike = -1;
  for (const { batch, frames, stem } of own) {
    const embeddings = await engine.embed(floats(`${stem}.features`), frames, batch);
    const expected = floats(`${stem}.embeddings`);
    expect(embeddings).toHaveLength(expected.length);
    const size = expected.length / batch;
    const row = (all: Float32Array, i: number): Float32Array => all.slice(i * size, (i + 1) * size);
    for (let i = 0; i < batch; i++) {
      least = Math.min(least, cosineSimilarity(row(embeddings, i), row(expected, i)));
      if (i > 0) alike = Math.max(alike, cosineSimilarity(row(embeddings, 0), row(expected, i)));
    }
  }
  engine.close();
  return [least, alike];
}

describe.each([
  ['resnet50', { block: 'bottleneck', blocks: [3, 4, 6, 3] }],
  ['resnet221', { block: 'bottleneck', blocks: [6, 16, 48, 3] }],
  ['resnet18-astp-two-layers', { attention: { kind: 'ASTP', units: 128 }, hidden: 96 }],
  ['resnet26-two-layers', { block: 'bottleneck', hidden: 48 }],
  ['simam-resnet34', { block: 'simam', attention: { kind: 'ASP', units: 128 } }],
])('%s', (name, config) => {
  const own = cases.filter((candidate) => candidate.model === name);

  it('is the same network from torch, safetensors, npz and our own file', async () => {
    const model = await read(`${name}.pt`);
    expect(model.config).toMatchObject(config);
    // npz and safetensors hold the names alone.
    for (const kind of ['safetensors', 'npz']) {
      expect((await read(`${name}.${kind}`)).fingerprint).toBe(model.fingerprint);
    }
    await writeSafetensors(model, join(folder, 'written.safetensors'));
    const again = await read('written.safetensors');
    expect(again.config).toEqual(model.config);
    expect(again.fingerprint).toBe(model.fingerprint);
  });

  it.each(['.pt', '.onnx', '-unfolded.onnx'])('%s: embeddings are those of PyTorch', async (file) => {
    const model = await read(`${name}${file}`);
    expect(model.config).toMatchObject(config);
    const [least, alike] = await leastCosine(model, own);
    console.log(`${name}${file}: 1 - cosine ${(1 - least).toExponential(1)}`);
    expect(least).toBeGreaterThanOrEqual(0.99999);
    // What hundreds of random layers make of two windows is much alike; ours must be far nearer to its own.
    expect(1 - alike).toBeGreaterThan(1000 * (1 - least));
  });
});
