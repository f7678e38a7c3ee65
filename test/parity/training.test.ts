import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cosineSimilarity, SpeakerModel } from '../../src/native/index.js';
import { recordingFeatures } from '../../src/native/recording.js';
import { fromFile, readAll, SAMPLE_RATE_HZ } from '../../src/stream/index.js';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-training-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

// tiny.py fails by itself where the loss does not fall.
it('the SDK loads what the training recipe exports, with equal embeddings, its calibration and its readout of two voices', async () => {
  execFileSync(join(root, '.venv/bin/python'), [join(root, 'training/tiny.py'), folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
    file: string;
    embedding: number[];
    overlap: number;
  };
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as {
    name: string;
    calibration: { scale: number; offset: number };
  };
  const model = await SpeakerModel.fromPretrained(folder);
  const samples = await readAll(fromFile(join(folder, expected.file)));
  const embedding = await model.embed(samples, SAMPLE_RATE_HZ);
  expect(model.name).toBe(config.name);
  expect(model.calibration).toMatchObject({
    scale: config.calibration.scale,
    offset: config.calibration.offset,
  });
  const cosine = cosineSimilarity(embedding, Float32Array.from(expected.embedding));
  console.log(`cosine with PyTorch ${cosine.toFixed(8)}`);
  expect(cosine).toBeGreaterThan(0.99999);
  const { overlap } = await model.embedWindow(await recordingFeatures(samples, SAMPLE_RATE_HZ, 148));
  const [ours, theirs] = [overlap!, expected.overlap].map((share) => Math.log(share / (1 - share)));
  console.log(`log-odds of two voices ${ours!.toFixed(5)}, by PyTorch ${theirs!.toFixed(5)}`);
  expect(Math.abs(ours! - theirs!)).toBeLessThan(0.01);
  model.close();
});
