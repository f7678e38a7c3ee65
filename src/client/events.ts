import type {
  DrainMessage,
  ErrorMessage,
  LagMessage,
  SpeakersMessage,
  Welcome,
  WireTurnEvent,
} from '../protocol/index.js';
import type { RestartedEvent } from '../transcript/turn-book.js';

export type { RestartedEvent };

/** What a stream tells, in order, none lost or doubled by a broken connection. */
export type StreamEvent = WireTurnEvent | RestartedEvent;

/**
 * What the server says beside the events. This client itself says `audio-truncated`, where the sound ended inside a sample, and
 * `session-unknown`, where words are of a session that was lost.
 */
export type Notice = LagMessage | SpeakersMessage | DrainMessage | ErrorMessage;

/** How the connection stands. */
export type Status =
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'open'; readonly welcome: Welcome }
  | {
      readonly state: 'waiting';
      readonly attempt: number;
      readonly retryInMs: number;
      readonly reason: Error;
    }
  | { readonly state: 'closed'; readonly error?: Error };
