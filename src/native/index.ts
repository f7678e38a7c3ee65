export { Engine, listEngines, type EngineOptions } from './engine.js';
export { selfTest, type EngineReport, type SelfTest } from './self-test.js';
export type { NativeEngineInfo as EngineInfo } from './addon.js';
export { SpeakerModel, type SpeakerModelOptions } from './speaker-model.js';
export { embeddings, type EmbeddingsOptions, type WindowEmbedder } from './operator.js';
export { nativeFrontEnd, NativeGateNetwork, NativeLogMel } from './front-end.js';
export { embeddedWindows } from './embedded-windows.js';
export { cosineSimilarity } from './vectors.js';
export type { EmbeddedWindow, WindowEmbedding } from './types.js';
