import { encodeAudioMessage } from '../protocol/index.js';

/** Whole frames that wait to be sent, or were sent and not acked. Positions count frames from the first push. */
interface Parcel {
  readonly startFrame: number;
  readonly endFrame: number;
  readonly payload: Uint8Array;
}

interface SentParcel extends Parcel {
  readonly sequence: number;
  /** Frames declared as skipped right before it. */
  readonly skippedFrames: number;
}

export interface OutboxOptions {
  /** Bytes of one frame: one sample of every channel. */
  readonly frameBytes: number;
  /** Frames that may wait unsent. */
  readonly maxFrames: number;
  /** Largest payload, in frames. */
  readonly maxMessageFrames: number;
  /** Whether the oldest unsent audio is dropped beyond `maxFrames`; a recording is not, its sender waits. */
  readonly dropOldest: boolean;
}

/**
 * Audio on its way to the server: numbers it, holds it back where there is no credit, keeps what was not
 * acked for a resume, and lets go of the oldest where it must. No socket and no clock.
 */
export class Outbox {
  private readonly unsent: Parcel[] = [];
  private readonly sent: SentParcel[] = [];
  private partial: Uint8Array = new Uint8Array(0);
  private waiting = 0;
  private inFlightBytes = 0;
  private creditBytes = 0;
  private sequence = 0;
  /** Where the last message that was sent ended; audio missing after it is declared as skipped. */
  private sentTo = 0;
  /** Frames given to this outbox, over the life of the stream. */
  pushedFrames = 0;
  /** Frames dropped here, over the life of the stream. */
  droppedFrames = 0;

  constructor(private readonly options: OutboxOptions) {}

  /** Frames that wait unsent. */
  get waitingFrames(): number {
    return this.waiting;
  }

  /** Whether a recording's sender should wait. */
  get full(): boolean {
    return this.waiting >= this.options.maxFrames;
  }

  /** Whether audio was sent that the server has not acked. */
  get unacked(): boolean {
    return this.sent.length > 0;
  }

  /** Frame up to which audio was sent, or skipped. */
  get sentFrame(): number {
    return this.sentTo;
  }

  /** Whether all audio was sent. */
  get empty(): boolean {
    return this.unsent.length === 0;
  }

  /** Bytes of a frame that is not complete. */
  get partialBytes(): number {
    return this.partial.length;
  }

  /** How many messages the stream has had: the next sequence number. */
  get messages(): number {
    return this.sequence;
  }

  /** Bytes in the encoding of the hello; they may end inside a frame. */
  push(bytes: Uint8Array): void {
    const { frameBytes, maxMessageFrames } = this.options;
    const joined = new Uint8Array(this.partial.length + bytes.length);
    joined.set(this.partial);
    joined.set(bytes, this.partial.length);
    const whole = joined.length - (joined.length % frameBytes);
    for (let at = 0; at < whole; at += maxMessageFrames * frameBytes) {
      const payload = joined.slice(at, Math.min(whole, at + maxMessageFrames * frameBytes));
      const frames = payload.length / frameBytes;
      this.unsent.push({
        startFrame: this.pushedFrames,
        endFrame: this.pushedFrames + frames,
        payload,
      });
      this.pushedFrames += frames;
      this.waiting += frames;
    }
    this.partial = joined.slice(whole);
    if (this.options.dropOldest) this.drop();
  }

  /** The messages that may be sent now, as they go on the wire. */
  take(): Uint8Array<ArrayBuffer>[] {
    const messages: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const next = this.unsent[0];
      if (next === undefined || this.inFlightBytes + next.payload.length > this.creditBytes) return messages;
      this.unsent.shift();
      this.waiting -= next.endFrame - next.startFrame;
      this.inFlightBytes += next.payload.length;
      const { payload } = next;
      const skippedFrames = next.startFrame - this.sentTo;
      messages.push(encodeAudioMessage({ sequence: this.sequence, skippedFrames, payload }));
      this.sent.push({ ...next, sequence: this.sequence, skippedFrames });
      this.sequence++;
      this.sentTo = next.endFrame;
    }
  }

  /** The server has messages up to `sequence` and takes `creditBytes` beyond. */
  ack(sequence: number, creditBytes: number): void {
    while (this.sent[0] !== undefined && this.sent[0].sequence <= sequence) {
      this.inFlightBytes -= this.sent.shift()!.payload.length;
    }
    this.creditBytes = creditBytes;
  }

  /** A connection resumed the session: what the server lacks is sent again from `nextSequence` on. */
  resume(nextSequence: number, creditBytes: number): void {
    this.ack(nextSequence - 1, creditBytes);
    const again = this.sent.splice(0);
    if (again[0] !== undefined) this.sentTo = again[0].startFrame - again[0].skippedFrames;
    this.unsent.unshift(...again);
    this.waiting += again.reduce((sum, { startFrame, endFrame }) => sum + endFrame - startFrame, 0);
    this.inFlightBytes = 0;
    this.sequence = nextSequence;
  }

  /**
   * A new session begins: numbers and time start again at the oldest audio that is still here. Returns the
   * frame where that is.
   */
  restart(creditBytes: number): number {
    this.resume(0, creditBytes);
    this.sentTo = this.unsent[0]?.startFrame ?? this.pushedFrames;
    return this.sentTo;
  }

  private drop(): void {
    while (this.waiting > this.options.maxFrames) {
      const oldest = this.unsent.shift()!;
      const frames = oldest.endFrame - oldest.startFrame;
      this.waiting -= frames;
      this.droppedFrames += frames;
    }
  }
}
