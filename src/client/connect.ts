import type { Observable } from 'rxjs';
import { Connection, ended } from './connection.js';
import type { Notice, Status, StreamEvent } from './events.js';
import { resolveOptions, type ConnectOptions } from './options.js';
import { toBytes, type Sound } from './pcm.js';

/** One stream to the service. */
export interface SpeakerStream {
  /**
   * Who is speaking. Hot: subscribe right after `connect`. Completes after `end()` once all was told; errors
   * with a WhospeaksError where the stream cannot go on.
   */
  readonly events$: Observable<StreamEvent>;
  /** How the connection stands; the present status first. */
  readonly status$: Observable<Status>;
  /** How far the server is behind, a change of the enrolled speakers, its shutdown, complaints. */
  readonly notices$: Observable<Notice>;
  /** Time of the newest sound given to `send`, in seconds of the stream: where "now" is. */
  readonly positionSeconds: number;
  /** Sound dropped here because the connection could not carry it, seconds; always 0 for a recording. */
  readonly droppedSeconds: number;
  /**
   * Sound to send: samples of -1 to 1 (interleaved, where there are several channels), or bytes in the encoding
   * that was stated, cut anywhere. For a recording, await it: it resolves when there is room for more. Rejects with
   * `source-closed` once the stream has ended; need not be awaited, since `events$` tells of the end.
   */
  send(sound: Sound): Promise<void>;
  /**
   * There is no more sound. The rest is told, then `events$` completes. Bytes that end inside a sample are an `audio-truncated` of
   * `notices$`.
   */
  end(): void;
  /**
   * An unknown voice of this stream (`unknown-1`) is this speaker. A new name enrols it; the name of an enrolled speaker
   * gives the voice to that speaker, and what was heard is kept apart, or with `learn` joins the profile; the label of
   * another unknown voice merges the two. What was said before is corrected. `save` (default true) keeps it for later
   * streams too. Rejects with a WhospeaksError where the server refuses.
   */
  name(
    label: string,
    speaker: string,
    options?: { readonly save?: boolean; readonly learn?: boolean },
  ): Promise<void>;
  /**
   * A turn of this stream, by the number that its events have, was this speaker's: an enrolled name, an unknown voice, or
   * `unknown`. Nothing that is heard later changes it. Rejects with a WhospeaksError where the server refuses.
   */
  assign(turn: number, speaker: string): Promise<void>;
  /** Give the stream up at once; `events$` completes. */
  close(): void;
}

/**
 * Open a stream. It connects at once, and again, with growing and jittered waits, when the connection breaks:
 * the session goes on where it was, with no event lost or doubled.
 * @throws WhospeaksError `invalid-option`
 */
export function connect(options: ConnectOptions): SpeakerStream {
  const resolved = resolveOptions(options);
  const connection = new Connection(resolved);
  const { outbox } = connection;
  let ending = false;
  return {
    events$: connection.events.asObservable(),
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

/** Sound goes on after the end for a while, and nobody awaits the sending of live sound: its rejection is no unhandled one. */
function tooLate(): Promise<void> {
  const refusal: Promise<void> = Promise.reject(ended());
  refusal.catch(() => undefined);
  return refusal;
}
