/** The service's client, for browsers and Node: docs/client.md. It needs nothing but RxJS. */
export { connect, type SpeakerStream } from './connect.js';
export type { ConnectOptions, ServiceOptions, SocketConstructor, SocketLike, Token } from './options.js';
export type { Notice, RestartedEvent, Status, StreamEvent } from './events.js';
export { speakers, type Recording, type Speakers } from './speakers.js';
export { recordings, type Recordings, type SendOptions } from './recordings.js';
export { RequestError } from './http.js';
export {
  captureStream,
  openMicrophone,
  CAPTURE_RATE_HZ,
  type Capture,
  type CaptureOptions,
  type MicrophoneOptions,
  type SoundStream,
} from './microphone.js';
export { levelOf, meter, type Level } from './level.js';
export { Resampler } from './resampler.js';
export { wavFile, type Sound } from './pcm.js';
export { TurnBook, type BookedTurn, type TurnEvent } from '../transcript/turn-book.js';
export type { LiveWord, LiveWordEvent } from '../transcript/words/word-book.js';
export {
  ANY_FORMATS,
  extensionOf,
  TRANSCRIPT_FORMATS,
  type AnyFormat,
  type TranscriptFormat,
} from '../transcript/formats/kinds.js';
export type { Word } from '../transcript/words/word.js';
export type { NamedWord } from '../transcript/words/name-words.js';
export { formatWords, WORD_FORMATS, type WordFormat } from '../transcript/words/formats/index.js';
export type { NamedTranscript } from '../transcript/words/formats/named-transcript.js';
export { utterancesOf, type Utterance, type UtteranceLimits } from '../transcript/words/utterances.js';
export { toJson, toRttm } from '../transcript/export-turns.js';
export { isWhospeaksError, WhospeaksError, type ErrorCode } from '../errors.js';
export type { EnrollmentReport } from '../speakers/enrollment-report.js';
export type {
  AssignMessage,
  AudioEncoding,
  DrainMessage,
  EnrollmentReply,
  ErrorMessage,
  LagMessage,
  NameMessage,
  NameReply,
  RecordingListReply,
  RecordingReply,
  RecordingSegment,
  RecordingSpeaker,
  RecordingTranscript,
  RecordingWord,
  RemovedListReply,
  SpeakerInfo,
  SpeakerListReply,
  SpeakersMessage,
  StreamWord,
  StreamWords,
  Welcome,
  WireEvent,
  WireTurnEvent,
  WordsMessage,
} from '../protocol/index.js';
export type { AssignCommand, FinalEvent, IdentifyEvent, NameCommand, NamedEvent } from '../events/events.js';
export type { InSeconds, Position, StretchesInSeconds } from '../events/in-seconds.js';
