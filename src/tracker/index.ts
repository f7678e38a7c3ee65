export {
  UNKNOWN,
  type EndEvent,
  type IdentifyEvent,
  type LagEvent,
  type SegmentEvent,
  type SilenceEvent,
  type SpeakerEvent,
  type WarningEvent,
} from './events.js';
export { enroll, MIN_ENROLL_SECONDS, profileOf, type EnrollModel, type EnrollOptions } from './enroll.js';
export { assertSameModel, type ModelIdentity, type Profile } from './profile.js';
export {
  ProfileStore,
  type ImportOptions,
  type ProfileList,
  type ProfileStoreOptions,
} from './profile-store.js';
export type { DamagedProfile } from './store-folder.js';
export { profileAdvice } from './profile-advice.js';
export { speakerName } from './speaker-name.js';
export { track } from './operator.js';
export { Tracker, type TrackerOptions } from './tracker.js';
export { DEFAULT_CALIBRATION } from './voice-scorer.js';
