import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import {
  frameBytes,
  MAX_SKIPPED_SECONDS,
  MAX_SKIPS_PER_SECOND,
  type AudioEncoding,
  type AudioMessage,
} from '../../protocol/index.js';
import { ChannelResampler } from '../../stream/channel-resampler.js';
import { chunkOf } from '../../stream/chunk.js';
import { firstNonFinite, notFinite } from '../../stream/condition.js';
import { PcmDecoder } from '../../stream/pcm.js';
import { RawGuard } from '../../stream/raw-guard.js';
import { TokenBucket } from '../access/token-bucket.js';
import { SAMPLE_RATE_HZ, type AudioChunk } from '../../stream/index.js';

export interface IntakeFormat {
  readonly encoding: AudioEncoding;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** `channels`: each is heard by itself. */
  readonly audio: 'mix' | 'channels';
  readonly live: boolean;
  readonly framing: 'sequenced' | 'raw';
}

/** Louder than this is no sound any more, and its power would not fit into a float32. */
const MAX_AMPLITUDE = 8;
/** Skips that may come at once, as after a connection that stood still. */
const SKIPS_AT_ONCE = 300;
/** Shorter gaps are filled with silence: the resampler needs as much to be emptied. */
const FILL_SECONDS = 0.1;

/**
 * Audio messages, in their order, to chunks of 16 kHz, mono or of channels kept apart, handed to `emit`. Counts what came in; a
 * message that was had before is ignored. Lost audio (`skippedFrames`) shows as a gap in `startSample`.
 */
export class AudioIntake {
  readonly frameBytes: number;
  readonly #format: IntakeFormat;
  readonly #emit: (chunk: AudioChunk) => void;
  readonly #decoder: PcmDecoder;
  /** Channels that are heard. */
  readonly #planes: number;
  readonly #guard = new RawGuard('decode it before it is sent (ffmpeg -f s16le)');
  #resampler: ChannelResampler | null = null;
  /** What came before the resampler was there; bounded by the credit, or by how fast a raw pipe is read. */
  #early: (() => void)[] = [];
  #nextSequence = 0;
  #receivedBytes = 0;
  /** Frames of the sender that went into the resampler, and frames that were skipped beside it. */
  #inputFrames = 0;
  #jumpedFrames = 0;
  #skippedTo = 0;
  #outSamples = 0;
  #over = false;
  /** Each skip is filled with silence, which is work for a few bytes. */
  readonly #skips: TokenBucket;

  constructor(
    format: IntakeFormat,
    nowMs: number,
    emit: (chunk: AudioChunk) => void,
    onReady: () => void = () => undefined,
  ) {
    this.#format = format;
    this.#skips = new TokenBucket(MAX_SKIPS_PER_SECOND, SKIPS_AT_ONCE, nowMs);
    this.#emit = emit;
    this.frameBytes = frameBytes(format.encoding, format.channels);
    this.#planes = format.audio === 'channels' ? format.channels : 1;
    this.#decoder = new PcmDecoder(format.encoding, format.channels, { audio: format.audio });
    void ChannelResampler.create(format.sampleRateHz, this.#planes).then((resampler) => {
      if (this.#over) {
        resampler.free();
        return;
      }
      this.#resampler = resampler;
      const early = this.#early;
      this.#early = [];
      for (const work of early) work();
      onReady();
    });
  }

  /** False while what comes waits for the resampler to load. */
  get isReady(): boolean {
    return this.#resampler !== null || this.#over;
  }

  /** The sequence number that the next message must have. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** Payload bytes taken so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Stream time that came in, samples at 16 kHz, gaps included. */
  get receivedSamples(): number {
    return this.#to16k(this.#inputFrames + this.#jumpedFrames);
  }

  /** Audio that was worked on, without what was skipped but with the silence that stands for its beginning. */
  get heardSeconds(): number {
    return this.#inputFrames / this.#format.sampleRateHz;
  }

  /** Where the last gap ended that the client declared, samples at 16 kHz. */
  get skippedTo(): number {
    return this.#skippedTo;
  }

  /**
   * @returns false where the message was had before
   * @throws {WhospeaksError} `protocol-sequence`, `protocol-message`, `audio-format` or `audio-not-finite`; of the last,
   *   what came before the fault is delivered
   */
  push({ sequence, skippedFrames, payload }: AudioMessage, nowMs: number): boolean {
    if (sequence < this.#nextSequence) return false;
    if (sequence > this.#nextSequence) {
      throw new WhospeaksError(
        'protocol-sequence',
        `audio message ${sequence} came where ${this.#nextSequence} was expected; resume, and send on from there`,
      );
    }
    if (skippedFrames > 0 && !this.#format.live) {
      throw new WhospeaksError(
        'protocol-message',
        'a recorded stream cannot skip audio; say "live": true in the hello, or send all of it',
      );
    }
    if (skippedFrames > MAX_SKIPPED_SECONDS * this.#format.sampleRateHz) {
      throw new WhospeaksError(
        'protocol-message',
        `audio message ${sequence} skips ${skippedFrames} frames; at most ${MAX_SKIPPED_SECONDS} s can be skipped, begin a new session beyond it`,
      );
    }
    if (skippedFrames > 0 && !this.#skips.tryTake(nowMs)) {
      throw new WhospeaksError(
        'protocol-message',
        `audio is skipped more than ${MAX_SKIPS_PER_SECOND} times a second; drop longer pieces, less often`,
      );
    }
    if (this.#format.framing === 'sequenced' && payload.length % this.frameBytes !== 0) {
      throw new WhospeaksError(
        'audio-format',
        `audio message ${sequence} has ${payload.length} bytes, which is no multiple of the ${this.frameBytes} bytes of a frame`,
      );
    }
    this.#nextSequence += 1;
    this.#receivedBytes += payload.length;
    if (skippedFrames > 0) this.#skip(skippedFrames);
    this.#decode(this.#guard.push(payload));
    return true;
  }

  /** Nothing more comes: the tail follows, then `then` is called, with `audio-truncated` where half a frame is left. */
  end(then: (error?: WhospeaksError) => void): void {
    let fault: WhospeaksError | undefined;
    try {
      this.#decode(this.#guard.flush());
    } catch (error) {
      if (!isWhospeaksError(error)) throw error;
      fault = error;
    }
    fault ??= this.#decoder.pendingBytes > 0 ? truncated() : undefined;
    this.#whenReady(() => {
      this.#deliver(this.#resampler!.flush());
      this.free();
      then(fault);
    });
  }

  free(): void {
    this.#over = true;
    this.#early = [];
    this.#resampler?.free();
    this.#resampler = null;
  }

  #decode(payload: Uint8Array): void {
    const planes = this.#decoder.push(payload);
    const bad = firstNonFinite(planes);
    const good = bad < 0 ? planes : planes.map((samples) => samples.subarray(0, bad));
    if (this.#format.encoding === 'f32le') good.forEach(clip);
    this.#feed(good);
    if (bad >= 0) throw notFinite(this.#inputFrames + this.#jumpedFrames, this.#format.sampleRateHz);
  }

  #feed(planes: readonly Float32Array[]): void {
    this.#inputFrames += planes[0]?.length ?? 0;
    this.#whenReady(() => {
      this.#deliver(this.#resampler!.push(planes));
    });
  }

  /** Silence empties the resampler, so that what follows the gap lies where it belongs. */
  #skip(frames: number): void {
    const fill = Math.min(frames, Math.ceil(this.#format.sampleRateHz * FILL_SECONDS));
    this.#feed(Array.from({ length: this.#planes }, () => new Float32Array(fill)));
    const jump = frames - fill;
    this.#whenReady(() => {
      this.#jumpedFrames += jump;
      this.#skippedTo = this.receivedSamples;
    });
  }

  #whenReady(work: () => void): void {
    if (this.#over) return;
    if (this.#resampler === null) this.#early.push(work);
    else work();
  }

  #deliver(planes: readonly Float32Array[]): void {
    const length = planes[0]?.length ?? 0;
    if (length === 0) return;
    this.#emit(chunkOf(this.#outSamples + this.#to16k(this.#jumpedFrames), planes));
    this.#outSamples += length;
  }

  #to16k(frames: number): number {
    return Math.round((frames * SAMPLE_RATE_HZ) / this.#format.sampleRateHz);
  }
}

function clip(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i]!;
    if (sample > MAX_AMPLITUDE) samples[i] = MAX_AMPLITUDE;
    else if (sample < -MAX_AMPLITUDE) samples[i] = -MAX_AMPLITUDE;
  }
}

function truncated(): WhospeaksError {
  return new WhospeaksError(
    'audio-truncated',
    'the stream ended in the middle of a sample; check its format',
  );
}
