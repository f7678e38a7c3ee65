import type { FoundVoices } from '../scoring/find-speakers.js';
import type { Verification } from '../scoring/verify.js';
import type { ErrorCode } from '../errors.js';
import type { NamedEvent } from '../events/events.js';
import type { EnrollmentReport } from '../speakers/enrollment-report.js';

/** `POST /v1/tickets`: a ticket opens one WebSocket of this token's group, once, and soon. */
export interface TicketReply {
  readonly ticket: string;
  readonly expiresInSeconds: number;
}

/** One enrolled speaker; never the voiceprint itself. */
export interface SpeakerInfo {
  readonly name: string;
  /** Stays with the speaker under any name; tells nobody's name. */
  readonly id?: string | undefined;
  /** Net speech at enrolment. */
  readonly speechSeconds: number;
  readonly recordings: number;
  /** Mean cosine of the enrolment's windows with its centre; low where they do not sound alike. */
  readonly consistency: number;
  readonly model: { readonly name: string; readonly fingerprint: string };
  /** ISO 8601. */
  readonly createdAt?: string | undefined;
  /** Whether the model in use can name the speaker: false where another model made the profile. */
  readonly usable: boolean;
}

/** `GET /v1/removed-speakers` */
export interface RemovedListReply {
  /** The last removed first. */
  readonly removed: readonly {
    readonly name: string;
    /** ISO 8601. */
    readonly removedAt: string;
    /** ISO 8601: deleted for good from then on. */
    readonly until: string;
  }[];
}

/** `GET /readyz` with 200. */
export interface ReadyReply {
  readonly status: 'ready';
  /** Speakers of all groups that another model enrolled. */
  readonly unusableSpeakers: number;
  /** `SpeakerInfo.id` of each, the first 100: `GET /v1/speakers` says whose they are. */
  readonly unusableSpeakerIds: readonly string[];
  /** Of a server of a fleet. */
  readonly fleet?: FleetState | undefined;
}

/** How a server of a fleet stands with the others. */
export interface FleetState {
  /** Whether NATS answers, and takes what is written. */
  readonly reachable: boolean;
  /** Servers that live, this one among them. */
  readonly servers: number;
  /** What is refused, or not done, meanwhile; streams go on. */
  readonly refused: readonly string[];
}

/** `GET /readyz` with 503. */
export interface NotReadyReply {
  readonly status: 'not ready';
  readonly reason: string;
  readonly unusableSpeakers: number;
  readonly unusableSpeakerIds: readonly string[];
  readonly fleet?: FleetState | undefined;
}

/** `GET /v1/speakers` */
export interface SpeakerListReply {
  readonly group: string;
  readonly speakers: readonly SpeakerInfo[];
  /** Names of stored speakers that could not be read; enrol them again. */
  readonly damaged: readonly string[];
}

/** `PUT /v1/speakers/{name}` */
export interface EnrollmentReply {
  readonly speaker: SpeakerInfo;
  /** Whether it took the place of a speaker of this name. */
  readonly replaced: boolean;
  /** Whether the recordings were added to those of a speaker of this name. */
  readonly appended: boolean;
  /** Whether it was stored: false on a dry run. */
  readonly saved: boolean;
  /** How good the enrolment is, and what would make it better. */
  readonly report: EnrollmentReport;
}

/** `PATCH /v1/speakers/{name}` */
export interface RenameRequest {
  readonly name: string;
}

/** `POST /v1/sessions/{session}/names` */
export interface NameRequest {
  readonly label: string;
  /** A new name, an enrolled speaker, or another unknown voice of the stream. */
  readonly speaker: string;
  /** Of an enrolled speaker: what was heard joins the profile; default false, it is kept apart. */
  readonly learn?: boolean | undefined;
  /** Default true. */
  readonly save?: boolean | undefined;
}

export interface NameReply {
  /** Absent where two unknown voices were merged. */
  readonly speaker?: SpeakerInfo | undefined;
  readonly label: string;
  /** As of the `named` event. */
  readonly how: NamedEvent['how'];
  readonly saved: boolean;
}

/** `POST /v1/verify`: as `verify()` answers. */
export type VerifyReply = Verification;

/** `POST /v1/identify`: as `findSpeakers()` answers. */
export type IdentifyReply = FoundVoices;

/** `POST /v1/recordings`, `GET /v1/recordings/{recording}`: a whole recording, and who spoke when in it. */
export interface RecordingReply {
  readonly recording: string;
  readonly state: 'fetching' | 'queued' | 'running' | 'done' | 'failed';
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601: what came of it is deleted then. Told once it is done or has failed. */
  readonly expiresAt?: string | undefined;
  /** While it waits: recordings that are heard before it, those of other groups too. */
  readonly ahead?: number | undefined;
  /** Seconds that are heard, while it runs. */
  readonly positionSeconds?: number | undefined;
  /** Length, where the file tells it; always when it is done. */
  readonly durationSeconds?: number | undefined;
  /** Why it failed. */
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined;
  /** When it is done: in order of start, then of end. */
  readonly segments?: readonly RecordingSegment[] | undefined;
  /** When it is done: in order of who is heard first. */
  readonly speakers?: readonly RecordingSpeaker[] | undefined;
  /** When it is done, where a transcript came with it. */
  readonly transcript?: RecordingTranscript | undefined;
}

/** A recogniser's words under the names of the speakers. */
export interface RecordingTranscript {
  /** Which format it has: `whisper.cpp`, `openai`, `deepgram`, ... */
  readonly format: string;
  /** Words whose times are estimated, for the transcript tells those of phrases alone. */
  readonly estimatedWords: number;
  /** Its words hardly lie in speech: it is likely another recording's. */
  readonly isDoubtful: boolean;
  /** In order of start. */
  readonly words: readonly RecordingWord[];
}

export interface RecordingWord {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** A label of the segments; `unknown` where nobody talks within 2 s. */
  readonly speaker: string;
  readonly known: boolean;
  /** That the word is this speaker's, 0 to 1. */
  readonly probability: number;
  /** The recogniser's own. */
  readonly confidence?: number | undefined;
  readonly channel?: number | undefined;
}

export interface RecordingSegment {
  /** An enrolled speaker's name, or `unknown-1`, `unknown-2`, ... */
  readonly speaker: string;
  readonly known: boolean;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly probability: number;
  /** Where channels are recordings of their own: which one, from 0. */
  readonly channel?: number | undefined;
}

export interface RecordingSpeaker {
  readonly label: string;
  readonly known: boolean;
  readonly seconds: number;
  readonly channel?: number | undefined;
}

/** `GET /v1/recordings`: the group's, the oldest first. */
export interface RecordingListReply {
  readonly recordings: readonly RecordingReply[];
  /** Of the group that may wait or be heard at once; 0: the server takes none. */
  readonly maxRecordings: number;
  readonly maxRecordingBytes: number;
}

/** `GET /v1/sessions`: the group's streams. */
export interface SessionListReply {
  readonly sessions: readonly SessionInfo[];
}

export interface SessionInfo {
  readonly session: string;
  readonly live: boolean;
  readonly connected: boolean;
  /** Audio that came in, seconds of stream time. */
  readonly receivedSeconds: number;
  readonly behindSeconds: number;
}

/** Every reply with a status of 400 or more. */
export interface ErrorReply {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
  };
}
