import type { AssignCommand, NameCommand } from '../events/events.js';
import type { AudioEncoding } from './audio-message.js';
import type { WordsMessage } from './words.js';

/** The first message of every connection: a new session, or with `resume` the go-on of one. */
export interface Hello {
  readonly type: 'hello';
  readonly version: 1;
  readonly encoding: AudioEncoding;
  /** 8000 to 48000. */
  readonly sampleRateHz: number;
  /** 1 to 8, interleaved. Default 1. */
  readonly channels?: number | undefined;
  /** `mix` (default): channels are mixed to one. `channels`: each is heard by itself, and events say which. */
  readonly audio?: 'mix' | 'channels' | undefined;
  /**
   * A live stream never waits: where the server falls behind, its oldest audio is dropped. A recorded one is
   * slowed by credit and never dropped. Default true.
   */
  readonly live?: boolean | undefined;
  /** Speaker group; default, and the only one allowed, that of the token. */
  readonly group?: string | undefined;
  /** How long after a turn its `final` may come, seconds; default the SDK's. */
  readonly latencySeconds?: number | undefined;
  /**
   * `sequenced` (default): binary messages have the header of `AudioMessage`. `raw`: they are plain PCM, cut
   * anywhere; such a session cannot be resumed.
   */
  readonly framing?: 'sequenced' | 'raw' | undefined;
  /** Words of a recogniser are sent too, and come back under names; default false. */
  readonly words?: boolean | undefined;
  /** Go on with a session that lost its connection; the other fields are those of its first hello. */
  readonly resume?: Resume | undefined;
}

export interface Resume {
  readonly session: string;
  /** `welcome.resumeToken` of the session. */
  readonly token: string;
  /** Id of the last event that came in; 0 for none. Those after it are sent again, no other. */
  readonly lastEvent: number;
}

/** All audio was sent. The server answers with the remaining events, the last of them `end`, and closes. */
export interface EndMessage {
  readonly type: 'end';
  /** How many audio messages there were in the session: the last sequence number + 1. */
  readonly messages: number;
}

/**
 * An unknown voice of this stream (`unknown-1`) is this speaker: a new name, an enrolled speaker, or another unknown voice.
 * Answered by a `named` event, or an `error` that is not fatal.
 */
export interface NameMessage extends NameCommand {
  /** Keep what it comes to among the group's speakers too; default true. */
  readonly save?: boolean | undefined;
}

/**
 * A turn of this stream was this speaker's, whatever it was told as. Answered by an event of that turn with that name, or an
 * `error` that is not fatal.
 */
export type AssignMessage = AssignCommand;

/** Events up to this id have come in: the server may forget them. Send it now and then (every 16 events will do). */
export interface ReceivedMessage {
  readonly type: 'received';
  readonly event: number;
}

export type ClientMessage = Hello | EndMessage | NameMessage | AssignMessage | ReceivedMessage | WordsMessage;
