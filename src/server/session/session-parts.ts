import type { Observable } from 'rxjs';
import type { AudioSource } from '../../stream/index.js';
import type { Profile } from '../../speakers/index.js';
import type { IdentifyEvent, NamedEvent, TrackCommand } from '../../tracker/index.js';
import type { IntakeFormat } from './audio-intake.js';
import type { ContinuityParts, SnapshotPipe } from './continuity.js';
import type { TellBefore } from './tell-before.js';

export interface SessionLimits {
  /** Audio that waits for the network: beyond it a live stream drops, and a recorded one has no credit. */
  readonly bufferSeconds: number;
  readonly maxMessageBytes: number;
  readonly resumeWindowSeconds: number;
  /** No audio for this long ends the connection. */
  readonly audioTimeoutSeconds: number;
  /** Events kept for a client to come back to. */
  readonly maxEvents: number;
  /** Characters that they may have together. */
  readonly maxEventCharacters: number;
  /** Bytes that may wait for a reader before it is too slow. */
  readonly maxSendBufferBytes: number;
}

/** What a session works with; all of it belongs to somebody else. */
export interface SessionParts {
  readonly id: string;
  readonly format: IntakeFormat;
  /** Whether the client sends words of a recogniser. */
  readonly words: boolean;
  readonly limits: SessionLimits;
  /** The pipeline: called once, at the first audio. */
  readonly identify: (
    source: AudioSource,
    commands: Observable<TrackCommand>,
    onProfile: (profile: Profile) => void,
    pipe?: SnapshotPipe,
  ) => Observable<IdentifyEvent>;
  /** How long the oldest window that went to the network has been waiting for its answer; 0 where none is out. */
  readonly networkWaitSeconds: () => number;
  /** The group's speakers, now. */
  readonly speakers: () => readonly Profile[];
  /** Keep what a named voice comes to among the group's speakers. */
  readonly save: (event: NamedEvent) => Promise<Profile | undefined>;
  /** More was heard of a voice that was named here: make what is stored of it better. */
  readonly improve: (better: Profile) => void;
  /** Of a session that another server can go on with. */
  readonly continuity?: ContinuityParts | undefined;
  /** What each event waits for before the client has it; absent: nothing. */
  readonly tellBefore?: TellBefore | undefined;
  readonly onEvent: (event: IdentifyEvent) => void;
  readonly onFault: (error: unknown) => void;
  /** Once, when the stream is over: `done`, the code of the error that ended it, or `abandoned` where nobody came back. */
  readonly onClosed: (outcome: string) => void;
  /** Once, after that: no client comes back for what was told. */
  readonly onGone?: (() => void) | undefined;
}
