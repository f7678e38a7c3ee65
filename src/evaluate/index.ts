export { joinRegions, subtractRegions, turnsWithin, type Region, type Turn } from './turns.js';
export { readRttm, readUnscored, rttmName, writeRttm, type RttmRegion, type RttmTurn } from './rttm.js';
export { readUem, type UemRegion } from './uem.js';
export { slices, type ScoringOptions, type Slice } from './timeline.js';
export {
  detPoints,
  equalErrorRate,
  minimumDetectionCost,
  operatingPoints,
  type DetectionCosts,
  type DetPoint,
  type OperatingPoint,
  type Trials,
} from './detection.js';
export { likelihoodCost, minimumLikelihoodCost } from './likelihood-cost.js';
export {
  diarizationError,
  totalDiarization,
  type DiarizationError,
  type DiarizationSeconds,
} from './diarization-error.js';
export { jaccardError, type JaccardError } from './jaccard-error.js';
export {
  identificationError,
  totalIdentification,
  type IdentificationError,
  type IdentificationOptions,
} from './identification-error.js';
export { finalDelay, labelDelay, percentile, totalDelay, type LabelDelay } from './label-delay.js';
export { overlapScore, type OverlapScore } from './overlap-score.js';
export { turnsOfEvents, type EventTurnsOptions, type ToldTurn } from './event-turns.js';
export {
  calibrationError,
  claimsOf,
  type CalibrationBin,
  type CalibrationError,
  type Claim,
} from './calibration-error.js';
export * from './simulate/index.js';
export { labelChanges, type LabelChanges } from './label-changes.js';
export * from './plot/index.js';
export { readTrials, trialsOf, type Trial, type TrialList } from './trial-list.js';
export { readEvents } from './events-file.js';
export type { IdentifyEvent } from '../events/events.js';
export type { Point, Room } from '../acoustics/room.js';
