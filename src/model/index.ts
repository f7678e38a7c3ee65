export { DEFAULT_CALIBRATION } from './default-calibration.js';
export {
  readAnyModel,
  readEmbedding,
  readModel,
  readSegmentation,
  findModelFile,
  type AnyModel,
  type ForeignModel,
} from './read-model.js';
export type { ForeignNetwork } from './onnx/foreign.js';
export type { ModelFrontEnd } from './onnx/front-end.js';
export { countSegmentationParameters, type SegmentationWeights } from './segmentation/canonical.js';
export type { NetworkDescription } from './network.js';
export { describeSegmentation } from './segmentation/network.js';
export {
  resolveModel,
  resolveSegmentation,
  BUNDLED_MODEL_FOLDER,
  BUNDLED_SEGMENTATION_FOLDER,
} from './resolve.js';
export { pullModel, type PulledModel, type PullOptions } from './pull.js';
export type { DownloadProgress } from './download.js';
export { KNOWN_MODELS, findRemoteModel, type ModelLicence, type RemoteModel } from './registry.js';
export { cacheFolder, cachedPath, readRecord, verifyCached, type CacheRecord } from './cache.js';
export { modelTerms } from './terms.js';
export {
  encodeSafetensors,
  encodeSegmentation,
  writeAnyModel,
  writeSafetensors,
} from './safetensors-write.js';
export { fingerprint } from './fingerprint.js';
export { canonicalShapes, convPlan, countMultiplyAdds, countParameters, type ConvSpec } from './plan.js';
export type {
  Calibration,
  CanonicalModel,
  OverlapReadout,
  PoolingAttention,
  ResNetConfig,
  Scoring,
  Tensor,
} from './types.js';
