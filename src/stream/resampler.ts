import { WhospeaksError } from '../errors.js';
import { loadSpeex, type SpeexModule } from './speex.js';
import { SAMPLE_RATE_HZ } from './types.js';

/** Rates that can be brought to 16 kHz, Hz. */
export const MIN_RATE_HZ = 4_000;
export const MAX_RATE_HZ = 384_000;

/**
 * Speex quality, 0 to 10. At 6 aliases are more than 100 dB down and the band is flat to 7 kHz (5 dB down at 7.5 kHz,
 * where the last two of 80 mel bins lie). 8 would be flat to 7.4 kHz at nearly twice the cost, and tells voices apart no
 * better; below 6 they begin to differ: `measure/speed/resampler.ts`.
 */
const QUALITY = 6;

/** Samples of the input that go through the filter together. */
export function resamplerBlock(rateHz: number): number {
  return Math.round(rateHz / 50);
}

/**
 * Streaming conversion of mono audio to 16 kHz with the speex resampler (windowed sinc). The delay of
 * the filter is taken out: output sample 0 lies on input sample 0, and n input samples give exactly
 * round(n * 16000 / rate) output samples once flushed.
 *
 * The input is cut anew into blocks of 20 ms before it reaches the filter, so the output does not
 * depend, bit for bit, on how it was cut when it came. Audio that is 16 kHz already passes untouched.
 */
export class StreamResampler {
  readonly rateHz: number;
  readonly #speex: SpeexModule | null;
  readonly #blockSamples: number;
  readonly #outCapacity: number;
  #state = 0;
  #inPointer = 0;
  #outPointer = 0;
  #lengthsPointer = 0;
  #block: Float32Array;
  #filled = 0;
  #inSamples = 0;
  #outSamples = 0;

  private constructor(rateHz: number, speex: SpeexModule | null) {
    this.rateHz = rateHz;
    this.#speex = speex;
    this.#blockSamples = resamplerBlock(rateHz);
    this.#block = new Float32Array(this.#blockSamples);
    this.#outCapacity = Math.ceil((this.#blockSamples * SAMPLE_RATE_HZ) / rateHz) + 16;
    if (!speex) return;
    this.#lengthsPointer = speex._malloc(8);
    this.#inPointer = speex._malloc(this.#blockSamples * 4);
    this.#outPointer = speex._malloc(this.#outCapacity * 4);
    this.#state = speex._speex_resampler_init(1, rateHz, SAMPLE_RATE_HZ, QUALITY, this.#lengthsPointer);
    if (this.#state === 0) {
      this.free();
      throw new WhospeaksError(
        'audio-unsupported',
        `cannot resample audio of ${rateHz} Hz; convert it to ${SAMPLE_RATE_HZ} Hz first`,
      );
    }
    speex._speex_resampler_skip_zeros(this.#state);
  }

  /** @throws WhospeaksError `audio-unsupported` for a rate outside MIN_RATE_HZ to MAX_RATE_HZ */
  static async create(rateHz: number): Promise<StreamResampler> {
    if (!Number.isInteger(rateHz) || rateHz < MIN_RATE_HZ || rateHz > MAX_RATE_HZ) {
      throw new WhospeaksError(
        'audio-unsupported',
        `a sample rate of ${rateHz} Hz is not supported; use a whole rate from ${MIN_RATE_HZ} to ${MAX_RATE_HZ} Hz`,
      );
    }
    return new StreamResampler(rateHz, rateHz === SAMPLE_RATE_HZ ? null : await loadSpeex());
  }

  /** Resample what has come so far; up to 20 ms of input and the filter's length wait inside. */
  push(samples: Float32Array): Float32Array {
    if (!this.#speex) return samples;
    this.#inSamples += samples.length;
    return this.#feed(samples);
  }

  /** The rest of the output, as if silence followed. */
  flush(): Float32Array {
    if (!this.#speex) return new Float32Array(0);
    const total = Math.round((this.#inSamples * SAMPLE_RATE_HZ) / this.rateHz);
    const missing = total - this.#outSamples;
    const silence =
      Math.ceil((missing * this.rateHz) / SAMPLE_RATE_HZ) + 2 * this.#blockSamples + this.#latency();
    return this.#feed(new Float32Array(silence)).slice(0, Math.max(0, missing));
  }

  /** Give the filter's memory back. Must be called once, at the end or when the stream is left early. */
  free(): void {
    const speex = this.#speex;
    if (!speex || this.#lengthsPointer === 0) return;
    if (this.#state !== 0) speex._speex_resampler_destroy(this.#state);
    for (const pointer of [this.#inPointer, this.#outPointer, this.#lengthsPointer]) speex._free(pointer);
    this.#state = this.#inPointer = this.#outPointer = this.#lengthsPointer = 0;
  }

  #latency(): number {
    return this.#speex!._speex_resampler_get_input_latency(this.#state);
  }

  #feed(samples: Float32Array): Float32Array {
    const blocks = Math.floor((this.#filled + samples.length) / this.#blockSamples);
    const output = new Float32Array(blocks * this.#outCapacity);
    let produced = 0;
    let at = 0;
    while (at < samples.length) {
      const take = Math.min(this.#blockSamples - this.#filled, samples.length - at);
      this.#block.set(samples.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === this.#blockSamples) produced += this.#processBlock(output, produced);
    }
    this.#outSamples += produced;
    return output.slice(0, produced);
  }

  #processBlock(output: Float32Array, offset: number): number {
    const speex = this.#speex!;
    if (this.#state === 0)
      throw new WhospeaksError('source-closed', 'the resampler was freed; open the source again');
    speex.HEAPF32.set(this.#block, this.#inPointer / 4);
    const lengths = this.#lengthsPointer / 4;
    let produced = 0;
    let consumed = 0;
    while (consumed < this.#blockSamples) {
      speex.HEAPU32[lengths] = this.#blockSamples - consumed;
      speex.HEAPU32[lengths + 1] = this.#outCapacity;
      speex._speex_resampler_process_float(
        this.#state,
        0,
        this.#inPointer + consumed * 4,
        this.#lengthsPointer,
        this.#outPointer,
        this.#lengthsPointer + 4,
      );
      consumed += speex.HEAPU32[lengths];
      const got = speex.HEAPU32[lengths + 1]!;
      output.set(speex.HEAPF32.subarray(this.#outPointer / 4, this.#outPointer / 4 + got), offset + produced);
      produced += got;
    }
    this.#filled = 0;
    return produced;
  }
}
