import type { AudioEncoding, ErrorMessage, ServerMessage, WireEvent } from '../../protocol/index.js';
import type { ClientLink } from '../session/link.js';
import type { Session } from '../session/session.js';
import { CALL_RATE_HZ, type MediaMessage } from './dialect.js';
import { TrackClock, type Placed } from './track-clock.js';

/** The code of the smallest positive value. */
const SILENCE: Partial<Record<AudioEncoding, number>> = { mulaw: 0xff, alaw: 0xd5 };

export interface CallTrackParts {
  readonly session: Session;
  readonly encoding: AudioEncoding;
  readonly onEvent: (event: WireEvent) => void;
  /** The stream is over; `error` where it was not to be. */
  readonly onClosed: (error: Pick<ErrorMessage, 'code' | 'message'> | null) => void;
}

/** One track of a call: a stream of its own, whose client is the call. */
export class CallTrack implements ClientLink {
  readonly session: Session;
  readonly clock = new TrackClock(CALL_RATE_HZ);
  readonly #parts: CallTrackParts;
  #isOpen = true;
  #error: ErrorMessage | null = null;

  constructor(parts: CallTrackParts, nowMs: number) {
    this.#parts = parts;
    this.session = parts.session;
    this.session.attach(this, 0, nowMs);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** All is taken at once: the call has the bound. */
  readonly bufferedBytes = 0;

  send(text: string): void {
    const message = JSON.parse(text) as ServerMessage;
    if (message.type === 'event') {
      this.#parts.onEvent(message.event);
      this.session.received(message.id);
    } else if (message.type === 'error' && message.fatal) {
      this.#error = message;
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#parts.onClosed(this.#error);
  }

  /**
   * Returns false where the piece came too late and was dropped.
   * @throws {WhospeaksError} as `Session.pushAudio` and `TrackClock.place`
   */
  push({ payload, timestampMs }: MediaMessage, isAfterLoss: boolean, nowMs: number): boolean {
    const place = this.clock.place(payload.length, timestampMs, isAfterLoss);
    if (place === null) return false;
    this.#put(place, payload.subarray(place.cutFrames), nowMs);
    return place.cutFrames < payload.length;
  }

  /** The call has come to `position`, and this track may have sent nothing. */
  keepUp(position: number, nowMs: number): void {
    const missing = this.clock.keepUp(position);
    if (missing !== null) this.#put(missing, new Uint8Array(0), nowMs);
  }

  #put(
    { silentFrames, skippedFrames }: Pick<Placed, 'silentFrames' | 'skippedFrames'>,
    sound: Uint8Array,
    nowMs: number,
  ): void {
    const payload = new Uint8Array(silentFrames + sound.length);
    payload.fill(SILENCE[this.#parts.encoding] ?? 0, 0, silentFrames);
    payload.set(sound, silentFrames);
    this.session.pushAudio({ sequence: this.session.nextSequence, skippedFrames, payload }, nowMs);
  }
}
