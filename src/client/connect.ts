import type { Observable } from 'rxjs';
import type { StreamWords } from '../protocol/index.js';
import type { LiveWordEvent } from '../transcript/words/word-book.js';
import { Connection, ended } from './connection.js';
import type { Notice, Status, StreamEvent } from './events.js';
import { resolveOptions, type ConnectOptions } from './options.js';
import { toBytes, type Sound } from './pcm.js';

/** One stream to the service. */
export interface SpeakerStream {
  /**
   * Events in order. Hot: subscribe right after `connect`. Completes after `end()` and the last event; errors with a
   * WhospeaksError if the stream cannot continue.
   */
  readonly events$: Observable<StreamEvent>;
  /**
   * Words of `sendWords` under names: each at once, and again as a new revision whenever its text, times or speaker change,
   * corrections included. Guesses that are withdrawn are `removed`. `dropped`: words before a number are corrected no more,
   * because there are too many, or because their session was lost. Times are seconds of all audio given to `send`. Hot;
   * completes and errors with `events$`.
   */
  readonly namedWords$: Observable<LiveWordEvent>;
  /** State of the connection; the current one first. */
  readonly status$: Observable<Status>;
  /** Lag of the server, changes of the enrolled speakers, shutdown, errors that do not end the stream. */
  readonly notices$: Observable<Notice>;
  /** Time of the newest audio given to `send`, seconds of the stream. */
  readonly positionSeconds: number;
  /** Audio that the connection could not carry, seconds; always 0 for a recording. */
  readonly droppedSeconds: number;
  /**
   * Audio to send: samples of -1 to 1 (channels interleaved), or bytes in the stated encoding, cut anywhere. Await it for a
   * recording: it resolves when there is room. Rejects with `source-closed` after the end, which live audio may ignore.
   */
  send(sound: Sound): Promise<void>;
  /**
   * What a recogniser tells of this sound: final words, or a guess that the next call replaces. Times are seconds of all audio
   * given to `send`. Words wait for their audio to be sent, so send them whenever they come; the last ones before `end()`.
   * Words that the server refuses are an error on `notices$`, with a code that begins with `transcript-`.
   * @throws WhospeaksError `invalid-option` without the option `words`; `source-closed` after the end; `transcript-format`,
   *   `transcript-times` or `transcript-limit` for words that are none or too many
   */
  sendWords(words: StreamWords): void;
  /**
   * End the audio. The remaining events follow, then `events$` completes. Bytes that end inside a sample give
   * `audio-truncated` on `notices$`.
   */
  end(): void;
  /**
   * Name an unknown speaker of this stream (`unknown-1`). A new name enrols it. An enrolled name merges it with that speaker:
   * its speech becomes an adaptation, or with `learn` part of the profile. Another unknown label merges the two. Earlier
   * turns are corrected. `save` (default true) also stores it. Rejects with a WhospeaksError if the server refuses.
   */
  name(
    label: string,
    speaker: string,
    options?: { readonly save?: boolean; readonly learn?: boolean },
  ): Promise<void>;
  /**
   * Set the speaker of a turn, by its number in events: an enrolled name, an unknown label, or `unknown`. Later evidence does
   * not change it. Rejects with a WhospeaksError if the server refuses.
   */
  assign(turn: number, speaker: string): Promise<void>;
  /** Abandon the stream at once; `events$` completes. */
  close(): void;
}

/**
 * Open a stream. It connects at once. When the connection breaks, it reconnects with growing random waits and resumes the
 * session: no event is lost or repeated.
 * @throws WhospeaksError `invalid-option`
 */
export function connect(options: ConnectOptions): SpeakerStream {
  const resolved = resolveOptions(options);
  const connection = new Connection(resolved);
  const { outbox } = connection;
  let ending = false;
  return {
    events$: connection.events.asObservable(),
    namedWords$: connection.namedWords.asObservable(),
    status$: connection.status.asObservable(),
    notices$: connection.notices.asObservable(),
    get positionSeconds() {
      return (outbox.pushedFrames - connection.sessionStartFrame) / resolved.sampleRateHz;
    },
    get droppedSeconds() {
      return outbox.droppedFrames / resolved.sampleRateHz;
    },
    send(sound) {
      if (ending || connection.closed) return tooLate();
      outbox.push(toBytes(sound, resolved.encoding));
      connection.flush();
      return outbox.full && !resolved.live ? connection.room() : Promise.resolve();
    },
    sendWords(words) {
      connection.sendWords(words);
    },
    end() {
      ending = true;
      connection.end();
    },
    name: (label, speaker, { save = true, learn = false } = {}) =>
      // A server that does not know `learn` takes a name without it.
      connection.command({ type: 'name', label, speaker, ...(learn && { learn }), save }),
    assign: (turn, speaker) => connection.command({ type: 'assign', turn, speaker }),
    close() {
      connection.close();
    },
  };
}

/** Live audio is sent without awaiting, so its rejection must not be an unhandled one; `events$` reports the end. */
function tooLate(): Promise<void> {
  const refusal: Promise<void> = Promise.reject(ended());
  refusal.catch(() => undefined);
  return refusal;
}
