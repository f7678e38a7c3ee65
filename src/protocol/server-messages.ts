import type { ErrorCode } from '../errors.js';
import type { AssignMessage, NameMessage } from './client-messages.js';
import type { WordsMessage } from './words.js';
import type { WireEvent, WireTurnEvent } from '../events/wire-schemas.js';

export type { WireEvent, WireTurnEvent };

/** Answer to the hello: the session is open. */
export interface Welcome {
  readonly type: 'welcome';
  readonly version: 1;
  readonly session: string;
  /** Keep it secret: whoever has it can take the session over. Empty where `framing` is `raw`. */
  readonly resumeToken: string;
  /** How long a session that lost its connection waits for it to come back, seconds. */
  readonly resumeWindowSeconds: number;
  readonly resumed: boolean;
  /** The next audio message that the server expects: a resumed client sends on from here. */
  readonly nextSequence: number;
  /** The next words message that the server expects, of a stream with words. */
  readonly nextWords?: number | undefined;
  /** Payload bytes that may be on their way, sent and not acked. */
  readonly creditBytes: number;
  /** Bytes that one message may have, header included. */
  readonly maxMessageBytes: number;
  /** Seconds without a message or pong from the client after which the server hangs up; it pings in time. */
  readonly idleTimeoutSeconds: number;
  readonly latencySeconds: number;
  readonly group: string;
  /** Who may be named. */
  readonly speakers: readonly string[];
  readonly model: { readonly name: string; readonly fingerprint: string };
}

/**
 * Audio messages up to `sequence` are in the server's hands and are never asked for again (-1: none yet). From
 * now on `creditBytes` of payload may be sent beyond it; at 0, wait for the next `ack`.
 */
export interface Ack {
  readonly type: 'ack';
  readonly sequence: number;
  readonly creditBytes: number;
  /** The next words message that the server expects, of a stream with words: those before were taken. */
  readonly nextWords?: number | undefined;
}

/** One event of the stream. Ids are 1, 2, 3 … over the whole session, whatever happens to its connections. */
export interface EventMessage {
  readonly type: 'event';
  readonly id: number;
  readonly event: WireEvent;
}

/**
 * How far the answers are behind the audio that came in. Sent about once a second while that is more than a
 * second, and once when it is over.
 */
export interface LagMessage {
  readonly type: 'lag';
  readonly behindSeconds: number;
  /** Audio of this session that was dropped so far, seconds; always 0 for a recorded stream. */
  readonly droppedSeconds: number;
}

/** The speakers of the group changed; from here on these may be named. */
export interface SpeakersMessage {
  readonly type: 'speakers';
  readonly speakers: readonly string[];
}

/** The server shuts down: streams that are not ended by then are ended by it, and told their last events. */
export interface DrainMessage {
  readonly type: 'drain';
  readonly deadlineSeconds: number;
}

export interface ErrorMessage {
  readonly type: 'error';
  readonly code: ErrorCode;
  /** What is wrong and what to do, one line. */
  readonly message: string;
  /** Whether the connection is closed right after. */
  readonly fatal: boolean;
  /** Do not try again before this. */
  readonly retryAfterSeconds?: number | undefined;
  /** Base address of a server of the same service that has room: connect there, with the same token. */
  readonly elsewhere?: string | undefined;
  /** The `name`, `assign` or `words` message that could not be obeyed, where it was one. */
  readonly answers?:
    | Pick<NameMessage, 'label' | 'speaker'>
    | Pick<AssignMessage, 'turn' | 'speaker'>
    | Pick<WordsMessage, 'type' | 'sequence'>
    | undefined;
}

export type ServerMessage =
  Welcome | Ack | EventMessage | LagMessage | SpeakersMessage | DrainMessage | ErrorMessage;
