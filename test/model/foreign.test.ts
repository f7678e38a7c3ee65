import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAnyModel, type AnyModel } from '../../src/model/index.js';
import { SpeakerModel } from '../../src/native/index.js';
import { toOnnx } from '../../measure/speed/onnx-model.js';
import { randomModel, TINY } from '../../measure/random-model.js';
import { testFolder } from './files/folder.js';
import { foreignOnnx, KALDI, LENGTHS, type ForeignOptions } from './files/foreign-onnx.js';

const folder = testFolder();
let count = 0;

/** A file of its own, in a folder with a config if there is one. */
function fileOf(bytes: Uint8Array, config?: object): string {
  const own = join(folder, `model-${count++}`);
  mkdirSync(own);
  if (config !== undefined) writeFileSync(join(own, 'config.json'), JSON.stringify(config));
  const path = join(own, 'some.onnx');
  writeFileSync(path, bytes);
  return path;
}

async function networkOf(options: ForeignOptions, config?: object) {
  const any: AnyModel = await readAnyModel(fileOf(foreignOnnx(options), config));
  if (any.kind !== 'foreign') throw new Error(`read as ${any.kind}`);
  return any.model;
}

describe('an ONNX file of another network', () => {
  it('is heard as its metadata says', async () => {
    const { network, name } = await networkOf({ metadata: { ...KALDI, output_dim: '6' } });
    expect(name).toBe('some');
    expect(network).toMatchObject({
      frontEnd: { kind: 'kaldi', window: 'povey', bins: 80, scale: 1, subtractsMean: true },
      layout: 'frames-bins',
      dimension: 6,
      isSingle: false,
      lengths: undefined,
    });
    const wespeaker = await networkOf({ metadata: { framework: 'wespeaker', normalize_samples: '0' } });
    expect(wespeaker.network.frontEnd).toMatchObject({ window: 'hamming', scale: 32_768 });
    const nemo = await networkOf({
      input: { name: 'audio_signal', sizes: ['N', 80, 'T'] },
      others: [LENGTHS],
      outputs: [
        { name: 'logits', sizes: ['N', 6] },
        { name: 'embs', sizes: ['N', 6] },
      ],
      time: 2,
      metadata: {
        framework: 'nemo',
        window_size_ms: '25',
        window_stride_ms: '10',
        window_type: 'hann',
        feat_dim: '80',
      },
    });
    expect(nemo.network).toMatchObject({
      frontEnd: { kind: 'nemo', bins: 80, windowSamples: 400, shiftSamples: 160, isNormalized: true },
      layout: 'bins-frames',
      lengths: 'length',
      output: 'embs',
    });
    const waveform = await networkOf({
      input: { name: 'wav', sizes: [1, 1, 'T'] },
      time: 2,
      bins: 1,
      metadata: {},
    });
    expect(waveform.network).toMatchObject({
      frontEnd: { kind: 'waveform' },
      layout: 'channel-samples',
      isSingle: true,
    });
  });

  it('is heard as a config beside it says, and is another model where that differs', async () => {
    const plain = await networkOf({ metadata: {} }, { framework: '3d-speaker' });
    const same = await networkOf({ metadata: {} }, { framework: '3d-speaker', window_type: 'povey' });
    const other = await networkOf({ metadata: {} }, { framework: '3d-speaker', window_type: 'hamming' });
    expect(same.fingerprint).toBe(plain.fingerprint);
    expect(other.fingerprint).not.toBe(plain.fingerprint);
    expect(other.network.frontEnd).toMatchObject({ window: 'hamming', scale: 1 });
    const again = await networkOf({ metadata: {}, gain: 2 }, { framework: '3d-speaker' });
    expect(again.fingerprint).not.toBe(plain.fingerprint);
  });

  it('keeps the fingerprint of a network that our engines run', async () => {
    const file = fileOf(toOnnx(randomModel(TINY)));
    const own = await readAnyModel(file);
    const foreign = await readAnyModel(file, true);
    expect([own.kind, foreign.kind]).toEqual(['embedding', 'foreign']);
    expect(foreign.model.fingerprint).toBe(own.model.fingerprint);
  });
});

describe('what is refused', () => {
  it.each<[string, ForeignOptions, RegExp]>([
    ['44.1 kHz', { metadata: { ...KALDI, sample_rate: '44100' } }, /made for 44100 Hz; only 16000 Hz/],
    [
      'no framework',
      { metadata: {} },
      /80 mel bins, and nothing says which: state "framework".*wespeaker, 3d-speaker, nemo/,
    ],
    ['another framework', { metadata: { framework: 'kaldi-x' } }, /framework "kaldi-x"; known are wespeaker/],
    [
      'another window',
      { metadata: { ...KALDI, window_type: 'rectangular' } },
      /window_type "rectangular"; supported are/,
    ],
    [
      'another normalisation',
      { metadata: { ...KALDI, feature_normalize_type: 'global' } },
      /feature_normalize_type "global"/,
    ],
    ['other bins', { metadata: { ...KALDI, feat_dim: '40' } }, /feat_dim is 40, its input has 80/],
    ['weights in a second file', { isExternal: true }, /second file; save the ONNX model as one/],
    ['control flow', { op: 'If' }, /control flow \(If\)/],
    [
      'a fixed length',
      { input: { name: 'x', sizes: ['N', 200, 80] } },
      /inputs "x" \[\?, 200, 80\]; known are/,
    ],
    ['a fixed batch', { input: { name: 'x', sizes: [8, 'T', 80] } }, /inputs "x" \[8, \?, 80\]/],
    ['a second input', { others: [{ name: 'y', sizes: ['N', 4] }] }, /"y" \[\?, 4\]/],
    [
      'outputs that are no embedding',
      {
        outputs: [
          { name: 'a', sizes: ['N', 6] },
          { name: 'b', sizes: ['N', 6] },
        ],
      },
      /outputs "a" \[\?, 6\], "b" \[\?, 6\]; expected one/,
    ],
    [
      'samples for a framework of mel bins',
      { input: { name: 'x', sizes: ['N', 'T'] }, bins: 1 },
      /are samples, and its framework/,
    ],
  ])('%s', async (_, options, message) => {
    await expect(readAnyModel(fileOf(foreignOnnx(options)))).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(message) as string,
    });
  });

  it('a file of 2 GB, before it is read', async () => {
    const file = fileOf(new Uint8Array(1));
    truncateSync(file, 2 ** 31 + 1);
    const before = process.memoryUsage().rss;
    await expect(readAnyModel(file)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(/2147483649 bytes; models are limited to/) as string,
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
  });

  it('without onnxruntime-node, by the line that installs it', async () => {
    await expect(SpeakerModel.fromPretrained(fileOf(foreignOnnx()))).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringMatching(/npm install onnxruntime-node$/) as string,
    });
  });
});
