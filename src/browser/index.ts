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
  type MediaTrack,
  type RecordingOptions,
} from './sources/index.js';
export { BrowserStore, type BrowserStoreOptions } from './store/browser-store.js';
export { SpeakerModel, type LoadOptions } from './speaker-model.js';
export { findSpeakers, verify, type VerifyInput } from './verify.js';

// Errors
export { ERROR_CODES, isWhospeaksError, WhospeaksError, type ErrorCode } from '../errors.js';

// What the options and answers are made of
export type { SpeakerCount } from '../clustering/speaker-count.js';
export type { DiarizeOptions as NodeDiarizeOptions } from '../diarize.js';
export type { IdentifyOptions as NodeIdentifyOptions } from '../identify.js';
export type { Diarization, DiarizedSegment, DiarizedSpeaker, DiarizeProgress } from '../clustering/types.js';
export type { FeatureWindow, WindowStep } from '../fbank/types.js';
export type { WindowOptions } from '../fbank/windower.js';
export type { Calibration, Scoring } from '../model/types.js';
export type { FindOptions, FoundVoice, FoundVoices } from '../scoring/find-speakers.js';
export type { ComparedVoices, Verification, VerifyOptions } from '../scoring/verify.js';
export type { WindowEmbedder } from '../native/operator.js';
export type { EmbeddableWindow } from '../native/speaker-model.js';
export type { SampleSpan, WindowEmbedding, WindowSegmenter } from '../native/types.js';
export type { Enrollment, EnrollModel, EnrollProgress } from '../speakers/enroll.js';
export type { EnrollmentReport } from '../speakers/enrollment-report.js';
export type { Learnt } from '../speakers/lessons.js';
export type { Adaptation, ModelIdentity, Profile } from '../speakers/profile.js';
export type { ImportOptions } from '../speakers/store/profile-store.js';
export { StreamSpeakers, type NamedVoice } from '../speakers/store/stream-speakers.js';
export type { SnapshotOptions, StreamSnapshot } from '../snapshot/types.js';
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
export type { DamagedProfile } from '../speakers/store/store-contents.js';
export type { StoreWarning } from '../speakers/store/store-exposure.js';
export type { MakeVoiceIndex, VoiceIndex } from '../speakers/voice-index.js';
export type { AudioChunk, AudioSource, ChannelOf, OfChannel } from '../stream/types.js';
export type { TrackOptions } from '../tracker/operator.js';
export type { TrackerOptions } from '../tracker/tracker-options.js';

// Events
export {
  isUnknownLabel,
  UNKNOWN,
  type AssignCommand,
  type CorrectionEvent,
  type EndEvent,
  type FinalEvent,
  type IdentifyEvent,
  type LagEvent,
  type NameCommand,
  type NamedEvent,
  type OverlapStretch,
  type SilenceEvent,
  type SpeakersCommand,
  type SpeechStretch,
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
export type { SpeakingDecision } from '../operators/speaking-gate.js';
export { talkTime, type TalkTime } from '../operators/talk-time.js';

// Transcripts
export { formatTranscript, TRANSCRIPT_FORMATS, type TranscriptFormat } from '../transcript/formats/index.js';
export { segmentsOfTurns, type TranscriptSegment, type TurnSegmentsOptions } from '../transcript/segment.js';
export type { Transcript } from '../transcript/transcript.js';
export type { Word } from '../transcript/words/word.js';
export { nameWords } from '../operators/name-words.js';
export type { LiveWord, LiveWordEvent, WordsEvent } from '../transcript/words/word-book.js';
export type { NamedWord, NameWordsOptions, WordVoices } from '../transcript/words/name-words.js';
export { TurnBook, type BookedTurn, type RestartedEvent, type TurnEvent } from '../transcript/turn-book.js';
