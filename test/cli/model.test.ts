import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeSegmentation, readModel, readSegmentation } from '../../src/model/index.js';
import { runHere } from '../cli-in-process.js';
import { ROOT, type Ran } from '../helpers.js';
import { serve, startHub, status, type Hub } from '../model/files/hub.js';
import { op, torchFile } from '../model/files/pickle-file.js';
import { npzFile } from '../model/files/npz-file.js';
import { makeWeights } from '../model/files/weights.js';

const folder = mkdtempSync(join(tmpdir(), 'model-cli-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const cache = join(folder, 'cache');
const weights = makeWeights();
const npz = join(folder, 'weights.npz');
writeFileSync(npz, npzFile(weights));

function model(hub: Hub | undefined, ...args: string[]): Promise<Ran> {
  const env = {
    WHOSPEAKS_CACHE: cache,
    WHOSPEAKS_HF_ENDPOINT: hub?.endpoint ?? 'http://127.0.0.1:9',
    HF_TOKEN: '',
  };
  return runHere(['model', ...args], { env });
}

describe('whospeaks model', () => {
  it('info describes the bundled model, for people and as JSON', async () => {
    const { code, stdout } = await model(undefined, 'info');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^fingerprint +[0-9a-f]{64}$/m);
    expect(stdout).toMatch(/^licence +MIT\. .*MODEL_CARD/m);
    const json = JSON.parse((await model(undefined, 'info', '--json')).stdout) as Record<string, unknown>;
    const bundled = await readModel(join(ROOT, 'models'));
    expect(json).toMatchObject({
      name: bundled.name,
      config: bundled.config,
      fingerprint: bundled.fingerprint,
    });
  });

  it('convert writes the same model as safetensors', async () => {
    const out = join(folder, 'out.safetensors');
    const { code, stdout } = await model(undefined, 'convert', npz, out);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`wrote ${out}`) as string });
    expect((await readModel(out)).fingerprint).toBe((await readModel(npz)).fingerprint);
    const refused = await model(undefined, 'convert', npz, join(folder, 'out.onnx'));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('[invalid-option]') as string });
  });

  it('info and convert know the segmentation network', async () => {
    const segmentation = join(ROOT, 'models/segmentation');
    const { code, stdout } = await model(undefined, 'info', segmentation);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^network +segmentation/m);
    expect(stdout).toMatch(/^licence +MIT\. .*Hervé Bredin/m);
    const json = JSON.parse((await model(undefined, 'info', segmentation, '--json')).stdout) as object;
    const { name, fingerprint } = await readSegmentation(segmentation);
    expect(json).toMatchObject({ name, fingerprint, kind: 'segmentation', frameStepSamples: 270 });
    const out = join(folder, 'segmentation.safetensors');
    expect((await model(undefined, 'convert', segmentation, out)).code).toBe(0);
    expect((await readSegmentation(out)).fingerprint).toBe(fingerprint);
  });

  it('pull fetches the segmentation network without a token', async () => {
    const bytes = encodeSegmentation(await readSegmentation(join(ROOT, 'models/segmentation')));
    const hub = await startHub(serve(bytes));
    const { code, stdout } = await model(hub, 'pull', 'segmentation-3.0');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('segmentation') as string });
    expect(stdout).toContain('CNRS');
    expect(hub.requests[0]!.url).toBe(
      '/csukuangfj/pyannote-models/resolve/main/segmentation-3.0/pytorch_model.bin',
    );
  });

  it('pull fetches, says licence and attribution, and list shows it', async () => {
    const name = 'hf:someone/small/weights.npz';
    const hub = await startHub(serve(npzFile(weights)));
    const { code, stdout, stderr } = await model(hub, 'pull', name);
    expect(code).toBe(0);
    expect(stderr).toBe(`fetching ${name} ...\n`);
    expect(stdout).toMatch(
      /^fetched: .*weights\.npz\nsha256 [0-9a-f]{64}, .*\nlicence: unknown\. see the model card of someone\/small\n$/,
    );
    expect((await model(hub, 'pull', name)).stdout).toMatch(/^already in the cache/);
    expect(hub.requests).toHaveLength(1);
    expect((await model(undefined, 'info', name)).stdout).toMatch(/^licence +unknown/m);
    const list = JSON.parse((await model(undefined, 'list', '--json')).stdout) as {
      models: { name: string; cached: string | null }[];
    };
    // The test before this one pulled it.
    expect(list.models.filter(({ cached }) => cached !== null).map((each) => each.name)).toEqual([
      'segmentation-3.0',
    ]);
    expect((await model(undefined, 'list')).stdout).toContain('CC BY 4.0');
  });

  it('each fault is one line with a code', async () => {
    const missing = await startHub(status(404));
    const hostile = join(folder, 'hostile.bin');
    const flag = join(folder, 'was-run');
    writeFileSync(
      hostile,
      torchFile(op.reduce(op.global('os', 'system'), op.tuple(op.text(`touch ${flag}`))), weights),
    );
    const cases: [Ran, string][] = [
      [await model(missing, 'pull', 'hf:someone/none/model.onnx'), 'model-not-found'],
      [await model(undefined, 'pull', 'nonsense'), 'model-not-found'],
      [await model(undefined, 'info', 'wespeaker-voxceleb-resnet34-LM'), 'model-not-found'],
      [await model(undefined, 'info', hostile), 'model-unsafe'],
    ];
    for (const [ran, code] of cases) {
      expect(ran.code).toBe(4);
      expect(ran.stderr).toMatch(new RegExp(`^(?:fetching .*\\n)?error: .* \\[${code}\\]\\n$`));
      expect(ran.stdout).toBe('');
    }
    expect(existsSync(flag)).toBe(false);
  });
});
