import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors, readModel, writeSafetensors } from '../../src/model/index.js';
import { readBytes, refusal, testFolder } from './files/folder.js';
import { safetensorsBytes, safetensorsFile } from './files/safetensors-file.js';
import { makeWeights } from './files/weights.js';

const folder = testFolder();
const weights = makeWeights();

describe('writing and reading back', () => {
  it('keeps every bit, the name, the config, the calibration and the fingerprint', async () => {
    const plain = await readBytes(folder, safetensorsFile(weights));
    const model = { ...plain, name: 'Ünïcode "name"', calibration: { scale: 20.5, offset: -9 } };
    const path = join(folder, 'canonical.safetensors');
    await writeSafetensors(model, path);
    expect(await readModel(path)).toEqual(model);
    const header = readFileSync(path).subarray(0, 8).readBigUInt64LE();
    expect(Number(header) % 8).toBe(0);
  });

  it('leaves the old file and no rubbish where it cannot write', async () => {
    const model = await readBytes(folder, safetensorsFile(weights));
    const inside = join(folder, 'inside');
    mkdirSync(join(inside, 'taken.safetensors'), { recursive: true });
    await expect(writeSafetensors(model, join(inside, 'taken.safetensors'))).rejects.toMatchObject({
      code: 'model-unwritable',
    });
    expect(readdirSync(inside)).toEqual(['taken.safetensors']);
  });

  it('decodes half and bfloat16 exactly', async () => {
    // 1, -2, 65504 (the largest half), 2^-24 (the smallest), -0: by the IEEE table.
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000);
    const brains = Uint16Array.of(0x3f80, 0xc000, 0x7f7f, 0x0001, 0x8000);
    const expected = {
      F16: [1, -2, 65504, 2 ** -24, -0],
      BF16: [1, -2, 3.3895313892515355e38, 9.183549615799121e-41, -0],
    };
    for (const [dtype, bits] of [
      ['F16', halves],
      ['BF16', brains],
    ] as const) {
      const rest = new Map([...weights].filter(([name]) => name !== 'seg_1.bias'));
      const start = [...rest.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
      const file = safetensorsFile(rest, (header) => {
        header['seg_1.bias'] = { dtype, shape: [5], data_offsets: [start, start + 10] };
      });
      const model = await readBytes(folder, Buffer.concat([file, Buffer.from(bits.buffer)]));
      expect([...model.tensors.get('embedding.bias')!.data]).toEqual(expected[dtype].map(Math.fround));
    }
  });
});

describe('lying headers', () => {
  const file = safetensorsFile(weights);
  const total = [...weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const entry = (header: object): Uint8Array => safetensorsBytes(header, new Uint8Array(64));
  const floats = (shape: number[], ...offsets: [number, number]): object => ({
    dtype: 'F32',
    shape,
    data_offsets: offsets,
  });

  it.each([
    [
      'a header longer than the file',
      safetensorsBytes('{}', new Uint8Array(8), 1n << 40n),
      'model-corrupt',
      /1099511627776 bytes/,
    ],
    ['a truncated file', file.subarray(0, file.length - 4), 'model-corrupt', /claims bytes/],
    ['a file cut inside its header', file.subarray(0, 100), 'model-corrupt', /header/],
    [
      'bytes that belong to none',
      Buffer.concat([file, Buffer.alloc(4)]),
      'model-corrupt',
      /belong to no tensor/,
    ],
    ['a header that is not JSON', safetensorsBytes('{"a": ', new Uint8Array(8)), 'model-corrupt', /not JSON/],
    [
      'offsets outside the file',
      entry({ a: floats([16], 0, 64), b: floats([16], 64, 128) }),
      'model-corrupt',
      /claims bytes 64 to 128 of 64/,
    ],
    ['offsets that run backwards', entry({ a: floats([16], 64, 0) }), 'model-corrupt', /claims bytes/],
    [
      'offsets that are no integers',
      entry({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4.5] } }),
      'model-corrupt',
      /malformed/,
    ],
    ['negative sizes', entry({ a: floats([-4, -4], 0, 64) }), 'model-corrupt', /malformed/],
    [
      'overlapping tensors',
      entry({ a: floats([16], 0, 64), b: floats([8], 32, 64) }),
      'model-unsafe',
      /overlaps/,
    ],
    ['a hole', entry({ a: floats([4], 0, 16), b: floats([4], 48, 64) }), 'model-corrupt', /belong to none/],
    ['an absurd shape', entry({ a: floats([2 ** 40, 2 ** 40], 0, 64) }), 'model-corrupt', /absurd shape/],
    [
      'a shape that does not match its bytes',
      entry({ a: floats([17], 0, 64) }),
      'model-corrupt',
      /has 64 bytes/,
    ],
    [
      'a tensor twice',
      safetensorsBytes(
        '{"a":{"dtype":"F32","shape":[16],"data_offsets":[0,64]},"\\u0061":{}}',
        new Uint8Array(64),
      ),
      'model-unsafe',
      /"a" twice/,
    ],
    [
      'metadata that is no map of strings',
      entry({ __metadata__: { a: 1 }, a: floats([16], 0, 64) }),
      'model-corrupt',
      /metadata/,
    ],
    [
      'our metadata with broken JSON',
      entry({ __metadata__: { format: 'whospeaks', config: '{' }, a: floats([16], 0, 64) }),
      'model-corrupt',
      /broken JSON/,
    ],
  ])('%s', async (_, bytes, code, message) => {
    expect(await refusal(folder, bytes)).toEqual({ code, message: expect.stringMatching(message) as string });
  });

  it('an element type named like a property of every object', async () => {
    const bytes = safetensorsFile(weights, (header) => {
      header['seg_1.bias']!.dtype = 'constructor';
    });
    expect(await refusal(folder, bytes)).toMatchObject({ code: 'model-unsupported' });
    expect(bytes.length).toBeGreaterThan(total);
  });

  it('any one flipped byte of the header is an error or changes nothing but names', async () => {
    const canonical = Buffer.from(encodeSafetensors(await readBytes(folder, file)));
    const headerEnd = 8 + Number(canonical.readBigUInt64LE());
    for (let at = 0; at < headerEnd; at += 17) {
      const damaged = Buffer.from(canonical);
      damaged[at]! ^= 0x15;
      const path = join(folder, 'flipped');
      writeFileSync(path, damaged);
      await readModel(path).catch((error: unknown) => {
        expect((error as { code?: string }).code).toMatch(/^model-/);
      });
    }
  });
});
