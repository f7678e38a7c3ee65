import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SpeakerModel } from '../../../src/index.js';
import { npzFile } from '../../../test/model/files/npz-file.js';
import { makeGraph, onnxFile } from '../../../test/model/files/onnx-file.js';
import { stateDictPickle, torchFile } from '../../../test/model/files/pickle-file.js';
import { safetensorsBytes, safetensorsFile } from '../../../test/model/files/safetensors-file.js';
import { makeWeights } from '../../../test/model/files/weights.js';
import type { Mutator } from '../../../test/mutator.js';
import { headSeed, zipSeed } from './archive-fields.js';
import { mutant, type Seed } from './binary.js';
import type { Format } from './format.js';
import { jsonMutant } from './text.js';

const network = { blocks: [1, 1, 1, 1], channels: 2, featureSize: 80, dimension: 5 } as const;
const weights = makeWeights(network);
const LENGTH_BYTES = 8;
/** The nodes of the graph stand before the weights. */
const ONNX_HEAD_BYTES = 8192;

const safetensors = Buffer.from(safetensorsFile(weights));
const headerBytes = safetensors.readUInt32LE(0);

const CONFIG = {
  name: 'ours',
  num_blocks: [1, 1, 1, 1],
  m_channels: 2,
  feat_dim: 80,
  embed_dim: 5,
  pooling: 'TSTP',
  sample_rate: 16_000,
  calibration: { scale: 9, offset: -4 },
  scoring: {
    impostorMean: 0,
    impostorDeviation: 1,
    genuineMean: 6,
    genuineGrowth: 1,
    turnDeviation: 1,
    streamDeviation: 1,
  },
};

export const MODELS: Readonly<Record<string, () => Format>> = {
  safetensors: () => {
    const seeds = [headSeed(safetensors, LENGTH_BYTES + headerBytes)];
    return model(seeds, (mutator) =>
      mutator.chance(0.4) ? safetensorsMutant(mutator) : mutant(mutator, seeds),
    );
  },
  npz: () => model([0, 6].map((level) => zipSeed(Buffer.from(npzFile(weights, level as 0 | 6))))),
  'PyTorch zip': () => model([zipSeed(Buffer.from(torchFile(stateDictPickle(weights), weights)))]),
  onnx: () => model([headSeed(Buffer.from(onnxFile(makeGraph(weights))), ONNX_HEAD_BYTES)]),
  'config.json': () => ({
    file: 'config.json',
    valid: [Buffer.from(JSON.stringify(CONFIG))],
    mutant: (mutator) => Buffer.from(jsonMutant(mutator, JSON.stringify(CONFIG))),
    prepare: (folder) => writeFile(join(folder, 'model.safetensors'), safetensors),
    read: (path) => load(dirname(path)),
  }),
};

function model(
  seeds: readonly Seed[],
  make: (mutator: Mutator) => Uint8Array = (mutator) => mutant(mutator, seeds),
): Format {
  return { file: 'model.bin', valid: seeds.map(({ bytes }) => bytes), mutant: make, read: load };
}

async function load(path: string): Promise<string> {
  const loaded = await SpeakerModel.fromPretrained(path, { engine: 'cpu', threads: 1 });
  loaded.close();
  return 'loaded';
}

/** Faults in the JSON of the header, before the same data. */
function safetensorsMutant(mutator: Mutator): Uint8Array {
  const header = safetensors.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  return safetensorsBytes(jsonMutant(mutator, header), safetensors.subarray(LENGTH_BYTES + headerBytes));
}
