export { Engine, listEngines, type EngineOptions } from './engine.js';
export { selfTest, type EngineReport, type SelfTest } from './self-test.js';
export type { NativeEngineInfo as EngineInfo, NetworkOutputs } from './addon.js';
export { ENGINE_NAMES, type EngineName, type RunnerName } from './engine-names.js';
export { MaskedEmbedder, type MaskEmbedder } from './masked-embedder.js';
export { SpeakerModel, type EmbeddableWindow, type SpeakerModelOptions } from './speaker-model.js';
export {
  SegmentationModel,
  type Segmentation,
  type SegmentationModelOptions,
  type SegmentOptions,
} from './segmentation-model.js';
export { LiveSegmentation, segmented } from './live-segmentation.js';
export { decodePowerset, LOCAL_SPEAKERS, POWERSET, speakerProbabilities } from './powerset.js';
export { embeddings, type EmbeddingsOptions, type WindowEmbedder } from './operator.js';
export { nativeFrontEnd, NativeGateNetwork, NativeLogMel } from './front-end.js';
export { embeddedWindows } from './embedded-windows.js';
export { cosineSimilarity } from './vectors.js';
export type { EmbeddedWindow, SampleSpan, SegmentedSpan, WindowEmbedding, WindowSegmenter } from './types.js';
