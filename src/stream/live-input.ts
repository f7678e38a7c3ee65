import { WhospeaksError } from '../errors.js';
import { ChannelResampler } from './channel-resampler.js';
import { chunkOf } from './chunk.js';
import { firstNonFinite, notFinite } from './condition.js';
import { AudioBuffer } from './audio-buffer.js';
import type { ChannelMode, Channels } from './down-mix.js';
import { PcmDecoder, type PcmEncoding } from './pcm.js';
import { RawGuard } from './raw-guard.js';
import { SAMPLE_RATE_HZ, type AudioSource } from './types.js';

/** A source that does not wait: audio that is not read in time is dropped, oldest first. */
export interface LiveAudioSource extends AudioSource {
  readonly live: true;
  /** Samples at 16 kHz that were dropped because they were not read in time. */
  readonly lostSamples: number;
}

interface LiveFormat {
  readonly encoding: PcmEncoding;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly audio: ChannelMode;
}

/**
 * The way in for live audio: raw PCM, pushed whenever it comes, is brought to 16 kHz at once and
 * waits in a bounded buffer that drops the oldest.
 */
export class LiveInput {
  readonly buffer: AudioBuffer;
  readonly facts: Channels;
  readonly #decoder: PcmDecoder;
  readonly #guard = new RawGuard('decode it before it is sent (ffmpeg -f s16le)');
  readonly #rateHz: number;
  /** Work is done in order of arrival; the first of it waits for the resampler to load. */
  #queue: Promise<void>;
  #resampler: ChannelResampler | null = null;
  #inputSamples = 0;
  #position = 0;
  #over = false;

  constructor(format: LiveFormat, bufferSeconds: number, onReturn: () => void | Promise<void>) {
    this.facts = { audio: format.audio };
    this.#decoder = new PcmDecoder(format.encoding, format.channels, this.facts);
    this.#rateHz = format.sampleRateHz;
    this.buffer = new AudioBuffer({
      maxSamples: Math.round(bufferSeconds * SAMPLE_RATE_HZ),
      onReturn: async () => {
        this.#finish();
        await onReturn();
      },
    });
    const planes = format.audio === 'channels' ? format.channels : 1;
    this.#queue = ChannelResampler.create(format.sampleRateHz, planes).then((resampler) => {
      if (this.#over) resampler.free();
      else this.#resampler = resampler;
    });
  }

  push(bytes: Uint8Array): void {
    this.#enqueue(() => {
      this.#decode(this.#guard.push(bytes));
    });
  }

  /** The sender is done: the tail follows, then the end, or the error where half a sample is left. */
  end(): void {
    this.#enqueue(() => {
      this.#decode(this.#guard.flush());
      if (this.#decoder.pendingBytes > 0) {
        throw new WhospeaksError(
          'audio-truncated',
          'the stream ended in the middle of a sample; check its format',
        );
      }
      this.#emit(this.#resampler!.flush());
      this.buffer.end();
      this.#finish();
    });
  }

  /** The sender failed: what came before is delivered, then `error` is thrown. */
  fail(error: unknown): void {
    this.#enqueue(() => {
      throw error;
    });
  }

  #decode(bytes: Uint8Array): void {
    const planes = this.#decoder.push(bytes);
    const bad = firstNonFinite(planes);
    const good = bad < 0 ? planes : planes.map((samples) => samples.subarray(0, bad));
    this.#emit(this.#resampler!.push(good));
    if (bad >= 0) throw notFinite(this.#inputSamples + bad, this.#rateHz);
    this.#inputSamples += planes[0]?.length ?? 0;
  }

  #enqueue(work: () => void): void {
    this.#queue = this.#queue
      .then(() => {
        if (!this.#over) work();
      })
      .catch((error: unknown) => {
        if (this.#over) return;
        if (this.#resampler) this.#emit(this.#resampler.flush());
        this.buffer.fail(error);
        this.#finish();
      });
  }

  #emit(planes: readonly Float32Array[]): void {
    const chunk = chunkOf(this.#position, planes);
    this.buffer.push(chunk);
    this.#position += chunk.samples.length;
  }

  #finish(): void {
    this.#over = true;
    this.#resampler?.free();
    this.#resampler = null;
  }
}
