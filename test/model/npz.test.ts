import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { npyFile, npzFile } from './files/npz-file.js';
import { readBytes, refusal, testFolder } from './files/folder.js';
import { safetensorsFile } from './files/safetensors-file.js';
import { makeWeights, toOhwi, type TestTensor } from './files/weights.js';

const folder = testFolder();
const weights = toOhwi(makeWeights());
const bias: TestTensor = weights.get('seg_1.bias')!;
const others = Object.fromEntries(
  [...weights]
    .filter(([name]) => name !== 'seg_1.bias')
    .map(([name, tensor]) => [`${name}.npy`, npyFile(tensor)]),
);
const withBias = (bytes: Uint8Array): Uint8Array => zipSync({ ...others, 'seg_1.bias.npy': bytes });

describe('npz', () => {
  it('gives the same model as safetensors, deflated or stored, in every version of the header', async () => {
    const { fingerprint } = await readBytes(folder, safetensorsFile(weights));
    expect((await readBytes(folder, npzFile(weights))).fingerprint).toBe(fingerprint);
    for (const version of [1, 2, 3] as const) {
      expect((await readBytes(folder, withBias(npyFile(bias, version)))).fingerprint).toBe(fingerprint);
    }
  });

  const header = (text: string): Uint8Array => withBias(npyFile(bias, 1, text));
  it.each([
    [
      'code in the header',
      header("{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (5,), }"),
      'model-corrupt',
      /form that numpy writes/,
    ],
    [
      'an object array, which is a pickle',
      header("{'descr': '|O', 'fortran_order': False, 'shape': (5,), }"),
      'model-unsupported',
      /"\|O"/,
    ],
    [
      'a shape larger than its data',
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }"),
      'model-corrupt',
      /has 20 bytes/,
    ],
    [
      'an absurd shape',
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999, 999999999999), }"),
      'model-corrupt',
      /absurd/,
    ],
    [
      'an endless shape',
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,5), }"),
      'model-corrupt',
      /malformed/,
    ],
    [
      'a big-endian array',
      header("{'descr': '>f4', 'fortran_order': False, 'shape': (5,), }"),
      'model-unsupported',
      />f4/,
    ],
    [
      'a type named like a property',
      header("{'descr': 'constructor', 'fortran_order': False, 'shape': (5,), }"),
      'model-unsupported',
      /constructor/,
    ],
    ['a format of the future', withBias(npyFile(bias).with(6, 9)), 'model-unsupported', /format 9/],
    ['what is no array', withBias(new Uint8Array(64)), 'model-corrupt', /not a numpy array/],
    [
      'an array that stops in its header',
      withBias(npyFile(bias).subarray(0, 40)),
      'model-corrupt',
      /announced/,
    ],
  ])('refuses %s', async (_, bytes, code, message) => {
    expect(await refusal(folder, bytes)).toEqual({ code, message: expect.stringMatching(message) as string });
  });
});
