import { describe, expect, it } from 'vitest';
import { op, stateDictPickle, torchFile, type TensorFields } from './files/pickle-file.js';
import { readBytes, refusal, testFolder } from './files/folder.js';
import { safetensorsFile } from './files/safetensors-file.js';
import { makeWeights } from './files/weights.js';

const folder = testFolder();
const weights = makeWeights();
const plain = stateDictPickle(weights);
const edited = (edit: (fields: TensorFields) => void, which = 'seg_1.bias'): Uint8Array =>
  torchFile(
    stateDictPickle(weights, (name, fields) => {
      if (name === which) edit(fields);
    }),
    weights,
  );

describe('torch files', () => {
  it('a state dict, alone or inside a checkpoint with foreign classes, is the same model', async () => {
    const { fingerprint } = await readBytes(folder, safetensorsFile(weights));
    const checkpoint = op.dict(
      [
        op.text('pyannote.audio'),
        op.newObject(op.global('pyannote.audio.core.task', 'Specifications'), op.emptyTuple),
      ],
      [op.text('callbacks'), op.dict([op.global('pytorch_lightning.callbacks', 'ModelCheckpoint'), op.none])],
      [
        op.text('lr'),
        op.reduce(op.global('functools', 'partial'), op.tuple(op.global('torch.optim', 'Adam'))),
      ],
      [op.text('state_dict'), plain],
    );
    for (const pickle of [plain, checkpoint, op.dict([op.text('model'), checkpoint])]) {
      expect((await readBytes(folder, torchFile(pickle, weights))).fingerprint).toBe(fingerprint);
    }
  });

  it.each([
    [
      'a hostile checkpoint',
      torchFile(
        op.dict(
          [op.reduce(op.global('os', 'system'), op.tuple(op.text('id'))), op.none],
          [op.text('state_dict'), plain],
        ),
        weights,
      ),
      'model-unsafe',
      /os\.system/,
    ],
    [
      'a tensor that reaches outside its storage',
      edited((f) => {
        f.offset = 1;
      }),
      'model-unsafe',
      /reaches outside/,
    ],
    [
      'strides that reach outside',
      edited((f) => {
        f.strides = [2];
      }),
      'model-unsafe',
      /reaches outside/,
    ],
    [
      'a shape blown up by stride 0',
      edited((f) => {
        f.shape = [1e9];
        f.strides = [0];
      }),
      'model-unsafe',
      /reaches outside/,
    ],
    [
      'a shape beyond counting',
      edited((f) => {
        f.shape = Array.from({ length: 7 }, () => 2e9);
        f.strides = Array.from({ length: 7 }, () => 0);
      }),
      'model-corrupt',
      /shape/,
    ],
    [
      'a storage that claims more than its file',
      edited((f) => {
        f.elements = 1e9;
      }),
      'model-corrupt',
      /has 20 bytes/,
    ],
    [
      'a storage that is not there',
      edited((f) => {
        f.key = '../../etc/passwd';
      }),
      'model-corrupt',
      /missing from the archive/,
    ],
    [
      'a storage of an unknown type',
      edited((f) => {
        f.storage = 'constructor';
      }),
      'model-unsupported',
      /constructor/,
    ],
    [
      'integers for weights',
      edited((f) => {
        f.storage = 'IntStorage';
      }),
      'model-unsupported',
      /floating-point/,
    ],
    [
      'a pickled object',
      torchFile(op.newObject(op.global('wespeaker.models', 'ResNet'), op.emptyTuple), weights),
      'model-unsupported',
      /state_dict/,
    ],
    [
      'a checkpoint without weights',
      torchFile(op.dict([op.text('epoch'), op.integer(3)]), weights),
      'model-unsupported',
      /no state dict/,
    ],
    [
      'TorchScript',
      torchFile(plain, weights, { 'archive/constants.pkl': new Uint8Array(4) }),
      'model-unsupported',
      /TorchScript/,
    ],
    [
      'big-endian weights',
      torchFile(plain, weights, { 'archive/byteorder': Buffer.from('big') }),
      'model-unsupported',
      /big-endian/,
    ],
  ])('refuses %s', async (_, bytes, code, message) => {
    expect(await refusal(folder, bytes)).toEqual({ code, message: expect.stringMatching(message) as string });
  });

  it('reads the forms of newer torch: untyped storages, dtypes, parameters, tensor subclasses', async () => {
    const { fingerprint } = await readBytes(folder, safetensorsFile(weights));
    const tensor = (elements: number, shape: readonly number[], key: number): Uint8Array[] => [
      op.persistent(
        op.tuple(
          op.text('storage'),
          op.global('torch.storage', 'UntypedStorage'),
          op.text(String(key)),
          op.text('cpu'),
          op.integer(4 * elements),
        ),
      ),
      op.integer(0),
      op.tuple(...shape.map(op.integer)),
      op.tuple(...shape.map((_, axis) => op.integer(shape.slice(axis + 1).reduce((a, b) => a * b, 1)))),
      op.false,
      op.none,
    ];
    const rebuild = op.global('torch._utils', '_rebuild_tensor_v3');
    const pairs = [...weights].map(([name, { shape, data }], index): [Uint8Array, Uint8Array] => {
      const args = op.tuple(...tensor(data.length, shape, index), op.global('torch', 'float32'));
      const plainTensor = op.reduce(rebuild, args);
      const parameter = op.reduce(
        op.global('torch._utils', '_rebuild_parameter'),
        op.tuple(plainTensor, op.false, op.none),
      );
      const subclass = op.reduce(
        op.global('torch._tensor', '_rebuild_from_type_v2'),
        op.tuple(rebuild, op.global('lightning.tensors', 'Sharded'), args, op.none),
      );
      return [op.text(name), [plainTensor, parameter, subclass][index % 3]!];
    });
    const more = {
      'archive/byteorder': Buffer.from('little'),
      'archive/.format_version': Buffer.from('1'),
      'archive/.data/serialization_id': Buffer.from('0'),
    };
    expect((await readBytes(folder, torchFile(op.dict(...pairs), weights, more))).fingerprint).toBe(
      fingerprint,
    );
  });

  it('refuses many tensors on one storage that add up to more than the archive', async () => {
    const biggest = [...weights.keys()].indexOf('layer4.0.conv2.weight');
    const elements = weights.get('layer4.0.conv2.weight')!.data.length;
    const everyone = new Map([...weights].map(([name, tensor]) => [name, tensor]));
    for (let i = 0; i < 200; i++) everyone.set(`copy${i}`, weights.get('layer4.0.conv2.weight')!);
    const pickle = stateDictPickle(everyone, (name, fields) => {
      if (name.startsWith('copy')) Object.assign(fields, { key: String(biggest), elements });
    });
    expect(await refusal(folder, torchFile(pickle, weights))).toMatchObject({ code: 'model-unsafe' });
  });

  it('a damaged file is refused or read, never a fault of ours', async () => {
    const file = torchFile(plain, weights);
    for (let at = 0; at < 12_000; at += 61) {
      const damaged = new Uint8Array(file);
      damaged[at]! ^= 0x41;
      await readBytes(folder, damaged).catch((error: unknown) => {
        expect((error as { code?: string }).code).toMatch(/^model-/);
      });
    }
  });
});
