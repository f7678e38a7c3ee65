import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/model/index.js';
import { cosineSimilarity, Engine, MaskedEmbedder } from '../../src/native/index.js';
import { outputRows } from './output-rows.js';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-native-'));

interface Case {
  readonly model: string;
  readonly path: string;
  readonly batch: number;
  readonly frames: number;
  readonly stem: string;
}

const cases = JSON.parse(
  execFileSync(
    join(root, '.venv/bin/python'),
    [join(root, 'test/parity/native.py'), folder, join(root, 'models/model.safetensors')],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  ),
) as Case[];

function floats(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function greatestDifference(a: Float32Array, b: Float32Array): number {
  const lengthA = Math.hypot(...a);
  const lengthB = Math.hypot(...b);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value / lengthA - b[i]! / lengthB)), 0);
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['random-resnet34', 'random-resnet18', 'bundled'])('%s against PyTorch', (name) => {
  const own = cases.filter((candidate) => candidate.model === name);

  it.each([1, 2])('every batch and frame count on %i threads', async (threads) => {
    const model = await readModel(own[0]!.path);
    const engine = await Engine.create(model, { engine: 'cpu', threads });
    let leastCosine = 1;
    let greatest = 0;
    let greatestLogOdds = 0;
    for (const { batch, frames, stem } of own) {
      const expected = floats(`${stem}.embeddings`);
      const rows = outputRows(await engine.run(floats(`${stem}.features`), frames, batch), batch);
      const size = rows[0]!.length;
      expect(batch * size).toBe(expected.length);
      for (const [i, row] of rows.entries()) {
        const pair = [row, expected.slice(i * size, (i + 1) * size)] as const;
        leastCosine = Math.min(leastCosine, cosineSimilarity(...pair));
        greatest = Math.max(greatest, greatestDifference(...pair));
        if (model.overlap !== undefined)
          greatestLogOdds = Math.max(greatestLogOdds, Math.abs(pair[0].at(-1)! - pair[1].at(-1)!));
      }
    }
    engine.close();
    console.log(
      `${name}: 1 - cosine ${(1 - leastCosine).toExponential(1)}, difference ${greatest.toExponential(1)}, log-odds of overlap ${greatestLogOdds.toExponential(1)}`,
    );
    expect(leastCosine).toBeGreaterThanOrEqual(0.99999);
    expect(greatest).toBeLessThanOrEqual(1e-3);
    expect(greatestLogOdds).toBeLessThanOrEqual(2e-3);
  });

  it('embeddings under masks', async () => {
    const halves = await MaskedEmbedder.create(await readModel(own[0]!.path), { engine: 'cpu' });
    let leastCosine = 1;
    for (const { frames, stem } of own) {
      const columns = await halves.columns(floats(`${stem}.features`).slice(0, frames * 80), frames);
      const masks = floats(`${stem}.masks`);
      const width = masks.length / 3;
      const expected = floats(`${stem}.masked`);
      const rows = await halves.pool(
        columns,
        [0, 1, 2].map((i) => masks.slice(i * width, (i + 1) * width)),
      );
      for (const [i, row] of rows.entries()) {
        const first = (i * expected.length) / 3;
        leastCosine = Math.min(leastCosine, cosineSimilarity(row, expected.slice(first, first + row.length)));
      }
    }
    halves.close();
    console.log(`${name}, masked: 1 - cosine ${(1 - leastCosine).toExponential(1)}`);
    expect(leastCosine).toBeGreaterThanOrEqual(0.99999);
  });
});
