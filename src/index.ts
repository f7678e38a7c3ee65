/**
 * Who is speaking, now. What an application needs, by name; the single stages are in `whospeaks/stages`, measures in
 * `whospeaks/evaluate`, model files in `whospeaks/convert`, the service in `whospeaks/server`, its client in
 * `whospeaks/client`.
 */
export { identify, type IdentifyOptions } from './identify.js';
export type { SnapshotOptions, StreamSnapshot } from './snapshot/types.js';

// Whole recordings
export type { SpeakerCount } from './clustering/speaker-count.js';
export { diarization, diarize, type DiarizationEvent, type DiarizeOptions } from './diarize.js';
export { DiarizationPipeline, type DiarizationPipelineOptions } from './diarization-pipeline.js';
export type { Diarization, DiarizedSegment, DiarizedSpeaker, DiarizeProgress } from './clustering/types.js';

// Errors
export { ERROR_CODES, isWhospeaksError, WhospeaksError, type ErrorCode } from './errors.js';

// Sound in
export { fromFile, type FileOptions } from './stream/file/from-file.js';
export { fromUrl, type UrlOptions } from './stream/file/from-url.js';
export {
  fromMicrophone,
  listMicrophones,
  type MicrophoneOptions,
  type MicrophoneSource,
} from './stream/microphone/from-microphone.js';
export type {
  Capture,
  CaptureBackend,
  CaptureHandlers,
  CaptureRequest,
  InputDevice,
} from './stream/microphone/backend.js';
export { fromReadable } from './stream/readable.js';
export { fromSamples, readAll, realTime } from './stream/source.js';
export { fromWebSocket, type WebSocketAudioOptions, type WebSocketLike } from './stream/websocket.js';
export { until } from './stream/until.js';
export type { PcmFormat } from './stream/format.js';
export type { LiveAudioSource } from './stream/live-input.js';
export type { PcmEncoding } from './stream/pcm.js';
export type { AudioChunk, AudioSource, ChannelOf, OfChannel } from './stream/types.js';

// The network
export { loadModel, type LoadModelOptions } from './load-model.js';
export { SpeakerModel, type SpeakerModelOptions } from './native/speaker-model.js';
export {
  SegmentationModel,
  type Segmentation,
  type SegmentationModelOptions,
  type SegmentOptions,
} from './native/segmentation-model.js';
export type { SegmentationWeights } from './model/segmentation/canonical.js';
export type { MaskEmbedder } from './native/masked-embedder.js';
export type { EngineOptions } from './native/engine.js';
export type { WindowEmbedder } from './native/operator.js';
export type { EmbeddableWindow } from './native/speaker-model.js';
export type { SampleSpan, SegmentedSpan, WindowEmbedding, WindowSegmenter } from './native/types.js';
export type { FeatureWindow, WindowStep } from './fbank/types.js';
export type { WindowOptions } from './fbank/windower.js';
export type {
  Calibration,
  CanonicalModel,
  OverlapReadout,
  PoolingAttention,
  ResNetConfig,
  Scoring,
  Tensor,
} from './model/types.js';
export { cosineSimilarity } from './native/vectors.js';

// People
export {
  enroll,
  enrollWithReport,
  type Enrollment,
  type EnrollModel,
  type EnrollOptions,
  type EnrollProgress,
} from './speakers/enroll.js';
export type { EnrollmentReport } from './speakers/enrollment-report.js';
export type { Adaptation, ModelIdentity, Profile } from './speakers/profile.js';
export { profileFromJson, profileToJson, type ProfileJson } from './speakers/profile-file.js';
export {
  ProfileStore,
  type ImportOptions,
  type ProfileStoreOptions,
} from './speakers/store/profile-store.js';
export type {
  AuditEntry,
  DeleteOptions,
  KeptRecording,
  ProfileList,
  PutOptions,
  RemovedSpeaker,
  SpeakerStore,
} from './speakers/store/speaker-store.js';
export type { DamagedProfile } from './speakers/store/store-contents.js';
export type { StoreWarning } from './speakers/store/store-exposure.js';

// Comparing voices
export {
  findSpeakers,
  speakerCatalogue,
  type FindOptions,
  type FoundVoice,
  type FoundVoices,
  type SpeakerCatalogue,
} from './scoring/find-speakers.js';
export { SpeakerIndex, type SpeakerIndexOptions, type SpeakerMatch } from './speakers/speaker-index.js';
export {
  verify,
  type ComparedVoices,
  type Verification,
  type VerifyInput,
  type VerifyOptions,
} from './scoring/verify.js';

// Events
export {
  isUnknownLabel,
  UNKNOWN,
  type CorrectionEvent,
  type EndEvent,
  type FinalEvent,
  type IdentifyEvent,
  type LagEvent,
  type AssignCommand,
  type NameCommand,
  type NamedEvent,
  type OverlapStretch,
  type SilenceEvent,
  type SpeakersCommand,
  type SpeechStretch,
  type TentativeEvent,
  type TrackCommand,
  type WarningEvent,
} from './events/events.js';
export {
  currentSpeaker,
  type CurrentSpeaker,
  type CurrentSpeakerOptions,
} from './operators/current-speaker.js';
export { isSpeaking, type IsSpeakingOptions } from './operators/is-speaking.js';
export type { SpeakingDecision } from './operators/speaking-gate.js';
export { talkTime, type TalkTime } from './operators/talk-time.js';
export type { Learnt } from './speakers/lessons.js';
export type { TrackOptions } from './tracker/operator.js';
export type { TrackerOptions } from './tracker/tracker-options.js';
export type { MakeVoiceIndex, VoiceIndex } from './speakers/voice-index.js';
export { toJson, toRttm } from './transcript/export-turns.js';
export { formatTranscript, TRANSCRIPT_FORMATS, type TranscriptFormat } from './transcript/formats/index.js';
export { segmentsOfTurns, type TranscriptSegment, type TurnSegmentsOptions } from './transcript/segment.js';
export type { Transcript } from './transcript/transcript.js';
export { readTranscript, type WordTranscript } from './transcript/read/index.js';
export type { Word } from './transcript/words/word.js';
export { nameWords } from './operators/name-words.js';
export type { NamedWord, NameWordsOptions, WordVoices } from './transcript/words/name-words.js';
export {
  WordBook,
  type LiveWord,
  type LiveWordEvent,
  type WordsEvent,
} from './transcript/words/word-book.js';
export { formatWords, WORD_FORMATS, type WordFormat } from './transcript/words/formats/index.js';
export type { NamedTranscript } from './transcript/words/formats/named-transcript.js';
export { hearWords, type HearWordsOptions } from './hear-words.js';
export { TurnBook, type BookedTurn, type RestartedEvent, type TurnEvent } from './transcript/turn-book.js';
