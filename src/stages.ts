/** The stages that `identify()` joins, one by one: pure classes, and the RxJS operators over them. */
export { Checkpoint, type Stateful } from './stateful.js';
export * from './stream/index.js';
export * from './fbank/index.js';
export * from './native/index.js';
export * from './speakers/index.js';
export * from './scoring/index.js';
export * from './tracker/index.js';
export type {
  Calibration,
  CanonicalModel,
  OverlapReadout,
  PoolingAttention,
  ResNetConfig,
  Scoring,
  Tensor,
} from './model/types.js';
export type { HearOptions } from './speakers/hear-voice.js';
export type { Power, RecordingQuality } from './speakers/recording-quality.js';
export { Cohort, type CohortStats } from './scoring/cohort.js';
export type { Genuine, Level } from './scoring/scorer.js';
export type { Evidence, Voice } from './scoring/voice.js';
export type { NetworkDescription } from './model/network.js';
export type { ForeignNetwork } from './model/onnx/foreign.js';
export type { ModelFrontEnd } from './model/onnx/front-end.js';
export type { SegmentationWeights } from './model/segmentation/canonical.js';
