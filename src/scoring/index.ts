/** [5] What a score means: cohort, normalisation, calibration. */
export { CALIBRATION_FORMAT, readCalibration, type CalibrationFile } from './calibration-file.js';
export { calibrationTrials, type CalibrationPerson, type LabelledTrial } from './calibration-trials.js';
export { fitScoring, logLikelihoodRatioCost, type ScoredTrial } from './fit-scoring.js';
export { DEFAULT_SCORING, Scorer } from './scorer.js';
export {
  findSpeakers,
  speakerCatalogue,
  type FindOptions,
  type FoundVoice,
  type FoundVoices,
  type SpeakerCatalogue,
} from './find-speakers.js';
export {
  verify,
  type ComparedVoices,
  type Verification,
  type VerifyInput,
  type VerifyOptions,
} from './verify.js';
