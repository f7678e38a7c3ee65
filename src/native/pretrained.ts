import {
  readEmbedding,
  readSegmentation,
  resolveModel,
  resolveSegmentation,
  type AnyModel,
  type SegmentationWeights,
} from '../model/index.js';

/**
 * The embedding network that a name, file or folder stands for; nothing is the bundled one. Rejects with a `model-*` code.
 *
 * @param isForeign whether every ONNX file is for onnxruntime
 */
export async function openEmbedding(
  nameOrPath?: string,
  isForeign = false,
): Promise<Exclude<AnyModel, { kind: 'segmentation' }>> {
  return readEmbedding(await resolveModel(nameOrPath), isForeign);
}

export { readSegmentation };

/** The same of a segmentation network. */
export async function openSegmentation(nameOrPath?: string): Promise<SegmentationWeights> {
  return readSegmentation(await resolveSegmentation(nameOrPath));
}
