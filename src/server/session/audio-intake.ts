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
import { resamplerBlock } from '../../stream/resampler.js';
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

/** Where a message begins: a new intake goes on from there as if this one had never stopped. */
export interface AudioMark {
  readonly sequence: number;
  readonly inputFrames: number;
  readonly jumpedFrames: number;
  readonly receivedBytes: number;
  /** Where the last gap ended that the client had declared, samples at 16 kHz. */
  readonly skippedTo: number;
}

const BEGINNING: AudioMark = { sequence: 0, inputFrames: 0, jumpedFrames: 0, receivedBytes: 0, skippedTo: 0 };
/** The resampler's filter is full after this much sound: from there on it gives the same samples, whenever it began. */
const WARM_UP_SECONDS = 0.1;

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
  /** Beginnings of messages, the oldest first; only where somebody asks for them. */
  readonly #marks: AudioMark[] | null;
  /** Frames to pass over, so that the resampler begins where one of its samples lies on one of the input. */
  #unaligned = 0;

  /** @param from where an earlier intake of the stream is taken up; `null`: a new stream, whose marks are kept */
  constructor(
    format: IntakeFormat,
    nowMs: number,
    emit: (chunk: AudioChunk) => void,
    onReady: () => void = () => undefined,
    from?: AudioMark | null,
  ) {
    this.#format = format;
    this.#marks = from === undefined ? null : [from ?? BEGINNING];
    if (from !== undefined && from !== null) this.#takeUp(from);
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
    this.#mark();
    this.#nextSequence += 1;
    this.#receivedBytes += payload.length;
    if (skippedFrames > 0) this.#skip(skippedFrames);
    this.#decode(this.#guard.push(payload));
    return true;
  }

  /**
   * The last message that a new intake can begin with, to give all sound from `sample` on. Those before it are not asked for
   * again.
   */
  markBefore(sample: number): AudioMark {
    const marks = this.#marks!;
    const isResampled = this.#format.sampleRateHz !== SAMPLE_RATE_HZ;
    const needed = isResampled ? WARM_UP_SECONDS + this.#phaseFrames() / this.#format.sampleRateHz : 0;
    const latest = sample - Math.ceil(needed * SAMPLE_RATE_HZ);
    while (marks[1] !== undefined && this.#to16k(marks[1].inputFrames + marks[1].jumpedFrames) <= latest)
      marks.shift();
    return marks[0]!;
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
    const frames = planes[0]?.length ?? 0;
    this.#inputFrames += frames;
    const over = Math.min(frames, this.#unaligned);
    this.#unaligned -= over;
    const fed = over === 0 ? planes : planes.map((samples) => samples.subarray(over));
    this.#whenReady(() => {
      this.#deliver(this.#resampler!.push(fed));
    });
  }

  #takeUp({ sequence, inputFrames, jumpedFrames, receivedBytes, skippedTo }: AudioMark): void {
    this.#nextSequence = sequence;
    this.#inputFrames = inputFrames;
    this.#jumpedFrames = jumpedFrames;
    this.#receivedBytes = receivedBytes;
    this.#skippedTo = skippedTo;
    const phase = this.#phaseFrames();
    this.#unaligned = (phase - (inputFrames % phase)) % phase;
    this.#outSamples = this.#to16k(inputFrames + this.#unaligned);
    // What it guards against lies at the beginning of a stream.
    if (receivedBytes > 0) this.#guard.flush();
  }

  #mark(): void {
    if (this.#marks === null || this.#nextSequence === this.#marks[0]?.sequence) return;
    // Before the resampler is there, gaps are not counted yet; what is held back is of messages before.
    if (!this.isReady || !this.#guard.isDone) return;
    this.#marks.push({
      sequence: this.#nextSequence,
      inputFrames: this.#inputFrames,
      jumpedFrames: this.#jumpedFrames,
      receivedBytes: this.#receivedBytes,
      skippedTo: this.#skippedTo,
    });
  }

  /** After so many frames a sample of 16 kHz lies on one of the input again, where a block of the resampler begins. */
  #phaseFrames(): number {
    const { sampleRateHz } = this.#format;
    if (sampleRateHz === SAMPLE_RATE_HZ) return 1;
    const phase = sampleRateHz / greatestCommonDivisor(sampleRateHz, SAMPLE_RATE_HZ);
    const block = resamplerBlock(sampleRateHz);
    return (phase * block) / greatestCommonDivisor(phase, block);
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

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
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
