// Needs onnxruntime-node where Node finds it: see vitest.config.ts.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, describe, expect, it } from 'vitest';
import { diarize, enroll, fromFile, identify, SpeakerModel } from '../../src/index.js';
import { readModel, type ModelFrontEnd } from '../../src/model/index.js';
import { cosineSimilarity } from '../../src/native/index.js';
import { makeFrontEnd } from '../../src/native/onnx/front-end.js';
import { normalize } from '../../src/native/vectors.js';
import { FAMILY, randomArray, randomModel, randomSource, TINY } from '../../measure/random-model.js';
import { toOnnx } from '../../measure/speed/onnx-model.js';
import {
  foreignOnnx,
  foreignWeights,
  KALDI,
  LENGTHS,
  type ForeignOptions,
} from '../model/files/foreign-onnx.js';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-onnx-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
let count = 0;
function fileOf(bytes: Uint8Array): string {
  const own = join(folder, String(count++));
  mkdirSync(own);
  const path = join(own, 'some.onnx');
  writeFileSync(path, bytes);
  return path;
}
const load = (bytes: Uint8Array, options = {}): Promise<SpeakerModel> =>
  SpeakerModel.fromPretrained(fileOf(bytes), { threads: 1, ...options });
const noise = (seconds: number, seed: number): Float32Array =>
  randomArray(Math.round(16_000 * seconds), 0.3, randomSource(seed));
const audio = (name: string): string => join(root, 'examples/audio', name);

/** What `foreignOnnx` computes. */
function expected(frontEnd: ModelFrontEnd, options: ForeignOptions, samples: Float32Array): Float32Array {
  const { features, frames } = makeFrontEnd(frontEnd)(samples);
  const bins = features.length / frames;
  const weights = foreignWeights({ bins, ...options });
  const dimension = weights.length / bins;
  const embedding = new Float32Array(dimension);
  for (let bin = 0; bin < bins; bin++) {
    let mean = 0;
    for (let t = 0; t < frames; t++) mean += features[t * bins + bin]! ** 2 / frames;
    for (let d = 0; d < dimension; d++) embedding[d]! += mean * weights[bin * dimension + d]!;
  }
  return normalize(embedding);
}

const NEMO: ModelFrontEnd = {
  kind: 'nemo',
  bins: 80,
  windowSamples: 400,
  shiftSamples: 160,
  isNormalized: false,
};

describe('a network of any kind', () => {
  it.each<[string, ForeignOptions, ModelFrontEnd]>([
    ['3D-Speaker', {}, { kind: 'kaldi', window: 'povey', bins: 80, scale: 1, subtractsMean: true }],
    [
      'WeSpeaker, one window at a time',
      {
        input: { name: 'feats', sizes: [1, 'T', 80] },
        metadata: { framework: 'wespeaker', normalize_samples: '0' },
      },
      { kind: 'kaldi', window: 'hamming', bins: 80, scale: 32_768, subtractsMean: true },
    ],
    [
      'NeMo, with lengths and logits',
      {
        input: { name: 'audio_signal', sizes: ['N', 80, 'T'] },
        others: [LENGTHS],
        outputs: [
          { name: 'logits', sizes: ['N', 6] },
          { name: 'embs', sizes: ['N', 6] },
        ],
        time: 2,
        metadata: { framework: 'nemo', feature_normalize_type: '' },
      },
      NEMO,
    ],
    ['samples', { input: { name: 'wav', sizes: ['N', 'T'] }, bins: 1, metadata: {} }, { kind: 'waveform' }],
  ])('%s: embeds what its own front end hears', async (_, options, frontEnd) => {
    const model = await load(foreignOnnx(options));
    expect(model).toMatchObject({ engineName: 'onnx', dimension: 6, device: 'onnxruntime, 1 thread' });
    const samples = noise(2, 5);
    const embedding = await model.embed(samples, 16_000);
    const wanted = expected(frontEnd, options, samples);
    expect(cosineSimilarity(embedding, wanted)).toBeGreaterThan(0.999999);
    // The same of windows, of several lengths at once, whose features are for another network.
    const windows = [0.7, 1.5, 1.5, 1.5, 2].map((seconds, i) => noise(seconds, i));
    const answers = await Promise.all(
      windows.map((window) =>
        model.embedWindow({ features: new Float32Array(80), frames: 1, samples: window }),
      ),
    );
    for (const [i, window] of windows.entries()) {
      expect(cosineSimilarity(answers[i]!.embedding, expected(frontEnd, options, window))).toBeGreaterThan(
        0.999999,
      );
    }
    await expect(model.embedWindow({ features: new Float32Array(80), frames: 1 })).rejects.toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/without its samples/) as string,
    });
    model.close();
    await expect(model.embed(samples, 16_000)).rejects.toMatchObject({ code: 'engine-closed' });
  });

  it('refuses an output that is not finite, other sizes than the file says, and engines that cannot run it', async () => {
    await expect(load(foreignOnnx({ gain: Infinity }))).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(/not finite/) as string,
    });
    await expect(load(foreignOnnx({ metadata: { ...KALDI, output_dim: '7' } }))).rejects.toMatchObject({
      message: expect.stringMatching(/output is \[1, 6\]; expected \[1, 7\]/) as string,
    });
    await expect(load(foreignOnnx({ op: 'NoSuchOp' }))).rejects.toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/^onnxruntime: .*NoSuchOp/) as string,
    });
    for (const options of [{ engine: 'cpu' }, { precision: 'int8' }]) {
      await expect(load(foreignOnnx(), options)).rejects.toMatchObject({ code: 'engine-unavailable' });
    }
    await expect(SpeakerModel.fromPretrained(undefined, { engine: 'onnx' })).rejects.toMatchObject({
      code: 'engine-unavailable',
    });
  });

  it('rejects what is out when it is closed, and lets the process end', async () => {
    const model = await load(foreignOnnx());
    const out = model.embed(noise(20, 1), 16_000);
    setTimeout(() => {
      model.close();
    }, 0);
    await out.catch((error: unknown) => {
      expect((error as { code: string }).code).toBe('engine-closed');
    });
    const program = `import { SpeakerModel } from ${JSON.stringify(join(root, 'src/native/index.ts'))};
      const model = await SpeakerModel.fromPretrained(${JSON.stringify(fileOf(foreignOnnx()))});
      console.log((await model.embed(new Float32Array(16000).map((_, i) => Math.sin(i * i)), 16000)).length);`;
    const printed = execFileSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      {
        cwd: root,
        encoding: 'utf8',
        timeout: 100_000,
      },
    );
    expect(printed.trim()).toBe('6');
  });
});

describe('a network that our engines run too', () => {
  it.each([TINY, ...FAMILY].map((config) => [config.block ?? 'basic', config] as const))(
    '%s: is the same model under either',
    async (_, config) => {
      const bytes = toOnnx(randomModel(config));
      const own = await load(bytes, { engine: 'cpu' });
      const foreign = await load(bytes, { engine: 'onnx' });
      expect([own.engineName, foreign.engineName]).toEqual(['cpu', 'onnx']);
      expect(foreign.fingerprint).toBe(own.fingerprint);
      for (const seconds of [0.6, 1.5, 3]) {
        const [a, b] = await Promise.all(
          [own, foreign].map((model) => model.embed(noise(seconds, 9), 16_000)),
        );
        expect(cosineSimilarity(a!, b!)).toBeGreaterThan(0.99999);
      }
      own.close();
      foreign.close();
    },
  );

  it('hears the same speakers in a recording, live and whole', async () => {
    // The bundled weights, as a file for onnxruntime with what belongs to them.
    const bundled = join(root, 'models');
    const file = fileOf(toOnnx(await readModel(bundled)));
    for (const name of ['config.json', 'cohort.safetensors', 'overlap.safetensors']) {
      cpSync(join(bundled, name), join(file, '..', name));
    }
    const own = await SpeakerModel.fromPretrained(undefined, { engine: 'cpu' });
    const foreign = await SpeakerModel.fromPretrained(file, { engine: 'onnx' });
    expect(foreign.cohort).toHaveLength(own.cohort!.length);
    const heard = async (model: SpeakerModel) => {
      const speakers = [];
      for (const name of ['alice', 'bob']) {
        const source = fromFile(audio(`${name}.wav`));
        speakers.push(await enroll(model, { name, sources: [source] }));
      }
      const live = await lastValueFrom(
        identify(fromFile(audio('meeting.wav')), { model, speakers }).pipe(toArray()),
      );
      const whole = await diarize(model, fromFile(audio('meeting.wav')), { profiles: speakers });
      const named = live.flatMap((event) => (event.type === 'final' ? [event.speaker] : []));
      return { named, whole };
    };
    const [a, b] = [await heard(own), await heard(foreign)];
    console.log(JSON.stringify([a.named, b.named, a.whole.segments.length, b.whole.segments.length]));
    expect(a.named).toContain('alice');
    expect(b.named).toEqual(a.named);
    const labels = (of: typeof a): string[] => of.whole.speakers.map(({ label }) => label).sort();
    expect(labels(b)).toEqual(labels(a));
    own.close();
    foreign.close();
  });
});
