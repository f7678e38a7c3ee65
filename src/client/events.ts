import type {
  DrainMessage,
  ErrorMessage,
  LagMessage,
  SpeakersMessage,
  Welcome,
  WireEvent,
} from '../protocol/index.js';
import type { RestartedEvent } from '../transcript/turn-book.js';

export type { RestartedEvent };

/** What a stream tells, in order, none lost or doubled by a broken connection. */
export type StreamEvent = WireEvent | RestartedEvent;

/** What the server says beside the events; `audio-truncated` is said by this client, where the sound ended inside a sample. */
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
