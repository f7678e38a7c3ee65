/**
 * The pipeline in a browser: the same events as in Node from a Web Worker, with the core in WebAssembly. No sound leaves the page.
 */
export { assetsIn, type AssetUrls } from './assets.js';
export { diarize, type DiarizeOptions } from './diarize.js';
export { enroll, enrollWithReport, type EnrollOptions } from './enroll.js';
export { identify, type IdentifyOptions } from './identify.js';
export { fromSamples, type SoundBlock, type SoundSource } from './sound-source.js';
export {
  fromDisplay,
  fromFile,
  fromMicrophone,
  fromResponse,
  fromTrack,
  type BrowserMicrophoneOptions,
  type CapturedSource,
  type LiveOptions,
  type RecordingOptions,
} from './sources/index.js';
export { BrowserStore, type BrowserStoreOptions } from './store/browser-store.js';
export { SpeakerModel, type LoadOptions } from './speaker-model.js';

export { ERROR_CODES, isWhospeaksError, WhospeaksError, type ErrorCode } from '../errors.js';
export type { Diarization, DiarizedSegment, DiarizedSpeaker, DiarizeProgress } from '../clustering/types.js';
export type { Enrollment, EnrollProgress } from '../speakers/enroll.js';
export type { EnrollmentReport } from '../speakers/enrollment-report.js';
export type { Adaptation, ModelIdentity, Profile } from '../speakers/profile.js';
export { StreamSpeakers } from '../speakers/store/stream-speakers.js';
export type {
  AuditEntry,
  DeleteOptions,
  KeptRecording,
  ProfileList,
  PutOptions,
  RemovedSpeaker,
  SpeakerStore,
} from '../speakers/store/speaker-store.js';
export { profileFromJson, profileToJson, type ProfileJson } from '../speakers/profile-file.js';
export {
  isUnknownLabel,
  UNKNOWN,
  type CorrectionEvent,
  type EndEvent,
  type FinalEvent,
  type IdentifyEvent,
  type NameCommand,
  type NamedEvent,
  type SilenceEvent,
  type TentativeEvent,
  type TrackCommand,
  type WarningEvent,
} from '../events/events.js';
export {
  currentSpeaker,
  type CurrentSpeaker,
  type CurrentSpeakerOptions,
} from '../operators/current-speaker.js';
export { isSpeaking, type IsSpeakingOptions } from '../operators/is-speaking.js';
export { talkTime, type TalkTime } from '../operators/talk-time.js';
export { formatTranscript, TRANSCRIPT_FORMATS, type TranscriptFormat } from '../transcript/formats/index.js';
export { segmentsOfTurns, type TranscriptSegment } from '../transcript/segment.js';
export type { Transcript } from '../transcript/transcript.js';
export { TurnBook, type BookedTurn, type TurnEvent } from '../transcript/turn-book.js';
