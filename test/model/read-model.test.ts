import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { BUNDLED_MODEL_FOLDER, modelTerms, readModel, resolveModel } from '../../src/model/index.js';
import { readBytes, refusal, testFolder } from './files/folder.js';
import { npzFile } from './files/npz-file.js';
import { safetensorsFile } from './files/safetensors-file.js';
import { makeWeights } from './files/weights.js';

const root = testFolder();
const weights = makeWeights();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(root, 'folder-'));
});

const put = (name: string, content: Uint8Array | string | object): void => {
  const bytes =
    typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content);
  writeFileSync(join(folder, name), bytes);
};

describe('readModel', () => {
  it('takes the model of a folder, and name and calibration from the config beside it', async () => {
    put('weights.npz', npzFile(weights));
    put('config.json', {
      name: 'ours',
      num_blocks: [1, 2, 1, 1],
      m_channels: 2,
      feat_dim: 16,
      embed_dim: 5,
      calibration: { scale: 9, offset: -4 },
    });
    const model = await readModel(folder);
    expect(model).toMatchObject({ name: 'ours', calibration: { scale: 9, offset: -4 } });
    expect((await readModel(join(folder, 'weights.npz'))).fingerprint).toBe(model.fingerprint);
  });

  it('prefers safetensors; takes a lone model of any name; refuses to guess between two', async () => {
    put('weights.npz', npzFile(makeWeights(undefined, 2)));
    put('model.safetensors', safetensorsFile(weights));
    const { fingerprint, name } = await readModel(folder);
    expect(fingerprint).toBe((await readBytes(root, safetensorsFile(weights))).fingerprint);
    expect(name).toBe('resnet12-c2-5d');
    folder = mkdtempSync(join(root, 'folder-'));
    put('fine-voice.safetensors', safetensorsFile(weights));
    expect(await readModel(folder)).toMatchObject({ fingerprint, name: 'fine-voice' });
    put('other.onnx', 'x');
    await expect(readModel(folder)).rejects.toMatchObject({
      code: 'model-not-found',
      message: expect.stringMatching(/2 model files/) as string,
    });
  });

  it('uses the config for what tensors leave open: mel bins that are no multiple of 8', async () => {
    put('model.safetensors', safetensorsFile(weights));
    put('config.json', { feat_dim: 13 });
    expect((await readModel(folder)).config.featureSize).toBe(13);
    put('config.json', { feat_dim: 17 });
    await expect(readModel(folder)).rejects.toMatchObject({
      code: 'model-shape',
      message: expect.stringMatching(/17 by the config, received 16/) as string,
    });
  });

  it.each([
    [{ m_channels: 32 }, 'model-shape', /"channels": expected 32 by the config, received 2/],
    [{ embed_dim: 256 }, 'model-shape', /"embedding size"/],
    [{ num_blocks: [3, 4, 6, 3] }, 'model-shape', /"blocks of layer1": expected 3/],
    [{ num_blocks: 'many' }, 'model-corrupt', /"num_blocks"/],
    [{ calibration: { scale: 'x' } }, 'model-corrupt', /"calibration\.scale"/],
    [{ pooling: 'MQMHASTP' }, 'model-unsupported', /"MQMHASTP"; supported are TSTP/],
    [{ pooling: 'ASTP' }, 'model-unsupported', /says ASTP, the tensors are those of statistics/],
    [{ two_emb_layer: true }, 'model-shape', /"embedding layers": expected 2 by the config/],
    [{ sample_rate: 8000 }, 'model-unsupported', /8000 Hz/],
    ['{"name": ', 'model-corrupt', /not JSON/],
    ['[]', 'model-corrupt', /expected object/i],
  ])('refuses a config %j', async (config, code, message) => {
    put('model.safetensors', safetensorsFile(weights));
    put('config.json', config);
    await expect(readModel(folder)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['an empty file', '', 'model-corrupt', /empty/],
    ['a web page', '<!DOCTYPE html><html>', 'model-corrupt', /web page/],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\n',
      'model-corrupt',
      /Git LFS pointer/,
    ],
    ['text', 'hello', 'model-corrupt', /not a model file/],
    [
      'the torch format before 1.6',
      '\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.',
      'model-unsupported',
      /bare pickle/,
    ],
  ])('says what %s is', async (_, content, code, message) => {
    const bytes = Buffer.from(content, 'latin1');
    expect(await refusal(root, bytes)).toEqual({ code, message: expect.stringMatching(message) as string });
  });

  it('says what is missing', async () => {
    await expect(readModel(join(folder, 'none.bin'))).rejects.toMatchObject({ code: 'model-not-found' });
    await expect(readModel(folder)).rejects.toMatchObject({
      code: 'model-not-found',
      message: expect.stringMatching(/holds no model file/) as string,
    });
  });
});

describe('resolveModel', () => {
  it('knows the bundled model, and paths', async () => {
    expect(await resolveModel()).toBe(BUNDLED_MODEL_FOLDER);
    expect(await resolveModel(folder)).toBe(folder);
    await expect(resolveModel('nothing-of-the-kind')).rejects.toMatchObject({ code: 'model-not-found' });
    expect((await modelTerms(BUNDLED_MODEL_FOLDER))?.licence).toBe('MIT');
    put('model.safetensors', safetensorsFile(weights));
    expect(await modelTerms(folder)).toBeUndefined();
  });
});
