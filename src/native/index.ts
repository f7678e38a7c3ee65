export { Engine, listEngines, type EngineOptions } from './engine.js';
export { SpeakerModel, type SpeakerModelOptions } from './speaker-model.js';
export { embeddings, type EmbeddingsOptions, type WindowEmbedder } from './operator.js';
export { cosineSimilarity } from './vectors.js';
export type { EmbeddedWindow } from './types.js';
