export * from './types.js';
export type { LogMel } from './log-mel.js';
export { HELD, LIKELY, SPEECH, type SpeechGate } from './speech-gate.js';
export type { GateNetwork } from './gate-network.js';
export { NeuralGate } from './neural-gate.js';
export { FeatureExtractor, type FrontEnd } from './feature-extractor.js';
export { Windower, type WindowOptions } from './windower.js';
export { CROSSTALK, CrosstalkGate } from './crosstalk-gate.js';
export { features, windows, withoutCrosstalk } from './operator.js';
