export {
  isUnknownLabel,
  UNKNOWN,
  type CorrectionEvent,
  type EndEvent,
  type FinalEvent,
  type IdentifyEvent,
  type LagEvent,
  type NameCommand,
  type NamedEvent,
  type SilenceEvent,
  type SpeakersCommand,
  type SpeechStretch,
  type TentativeEvent,
  type TrackCommand,
  type WarningEvent,
} from './events.js';
export {
  enroll,
  enrollWithReport,
  MIN_ENROLL_SECONDS,
  profileOf,
  profileOfHeard,
  type Enrollment,
  type EnrollModel,
  type EnrollOptions,
  type EnrollProgress,
} from './enroll.js';
export { hearVoice, type HeardVoice } from './hear-voice.js';
export type { EnrollmentReport } from './enrollment-report.js';
export type { Learnt } from './adaptation.js';
export { assertSameModel, type Adaptation, type ModelIdentity, type Profile } from './profile.js';
export {
  ProfileStore,
  type ImportOptions,
  type ProfileList,
  type ProfileStoreOptions,
} from './profile-store.js';
export type { DamagedProfile } from './store-contents.js';
export type { StoreWarning } from './store-exposure.js';
export { profileAdvice } from './profile-advice.js';
export { speakerName } from './speaker-name.js';
export { track, type TrackOptions } from './operator.js';
export { Tracker } from './tracker.js';
export type { TrackerOptions } from './tracker-options.js';
export type { MakeVoiceIndex, VoiceIndex } from './voice-set.js';
export { DEFAULT_CALIBRATION } from './voice-scorer.js';
export { indexVoices } from './index-voices.js';
export { SpeakerIndex, type SpeakerIndexOptions, type SpeakerMatch } from './speaker-index.js';
export { fitScoring, logLikelihoodRatioCost, type ScoredTrial } from './fit-scoring.js';
export { CALIBRATION_FORMAT, readCalibration, type CalibrationFile } from './calibration-file.js';
export { calibrationTrials, type CalibrationPerson, type LabelledTrial } from './calibration-trials.js';
export { DEFAULT_SCORING, Scorer } from './scoring.js';
