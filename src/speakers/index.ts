/** [4] People: profiles, names, the store of them, enrolment and what it has to say of a recording. */
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
export { assertSameModel, type Adaptation, type ModelIdentity, type Profile } from './profile.js';
export { ProfileStore, type ImportOptions, type ProfileStoreOptions } from './store/profile-store.js';
export type {
  AuditEntry,
  DeleteOptions,
  KeptRecording,
  ProfileList,
  PutOptions,
  RemovedSpeaker,
  SpeakerStore,
} from './store/speaker-store.js';
export type { DamagedProfile } from './store/store-contents.js';
export type { StoreWarning } from './store/store-exposure.js';
export { profileAdvice } from './profile-advice.js';
export { speakerName } from './speaker-name.js';
export { SpeakerIndex, type SpeakerIndexOptions, type SpeakerMatch } from './speaker-index.js';
