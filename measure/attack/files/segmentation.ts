import {
  BUNDLED_SEGMENTATION_FOLDER,
  encodeSegmentation,
  readSegmentation,
} from '../../../src/model/index.js';
import { SegmentationModel } from '../../../src/native/segmentation-model.js';
import { lightningFile } from '../../../test/model/files/segmentation-file.js';
import { segmentationToOnnx } from '../../speed/onnx-segmentation.js';
import { headSeed, zipSeed } from './archive-fields.js';
import { mutant, type Seed } from './binary.js';
import type { Format } from './format.js';

const LENGTH_BYTES = 8;
/** The nodes of the graph stand before the weights. */
const ONNX_HEAD_BYTES = 8192;

/** Weights of a segmentation network, in every kind of file that it comes in. */
export const SEGMENTATIONS: Readonly<Record<string, () => Promise<Format>>> = {
  'segmentation safetensors': async () => {
    const bytes = Buffer.from(encodeSegmentation(await bundled(), { halves: true }));
    return model(headSeed(bytes, LENGTH_BYTES + bytes.readUInt32LE(0)));
  },
  'segmentation checkpoint': async () => model(zipSeed(Buffer.from(lightningFile(await bundled())))),
  'segmentation onnx': async () =>
    model(headSeed(Buffer.from(segmentationToOnnx(await bundled())), ONNX_HEAD_BYTES)),
};

const bundled = () => readSegmentation(BUNDLED_SEGMENTATION_FOLDER);

function model(seed: Seed): Format {
  return {
    file: 'segmentation.bin',
    valid: [seed.bytes],
    mutant: (mutator) => mutant(mutator, [seed]),
    read: async (path) => {
      const loaded = await SegmentationModel.fromFile(path, { threads: 1 });
      loaded.close();
      return 'loaded';
    },
  };
}
