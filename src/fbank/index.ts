export * from './types.js';
export { Fbank } from './fbank.js';
export { HELD, LIKELY, SPEECH, type SpeechGate } from './speech-gate.js';
export { NeuralGate } from './neural-gate.js';
export { FeatureExtractor } from './feature-extractor.js';
export { Windower, type WindowOptions } from './windower.js';
export { features, windows } from './operator.js';
