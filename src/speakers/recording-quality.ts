import { HELD, isHeard, SPEECH } from '../fbank/speech-gate.js';
import type { WindowStep } from '../fbank/types.js';
import { SHIFT_SAMPLES, type AudioChunk } from '../stream/types.js';

/**
 * A sample is clipped where it comes this near to the loudest: that need not be full scale, since a recording may have been made
 * quieter after it was clipped.
 */
const CLIPPED = 0.98;
/** As many samples are as loud as that where nothing was clipped. */
const UNCLIPPED_SHARE = 0.0005;
/** Levels are counted in steps of 0.2 %, from 80 dB below full scale to 20 dB above it. */
const STEPS_PER_NEPER = 500;
const LOWEST_NEPERS = Math.log(1e-4);
const LEVELS = Math.ceil(STEPS_PER_NEPER * Math.log(1e5));

export interface Power {
  /** Sum over the frames, each full scale squared. */
  energy: number;
  frames: number;
}

/** Measures a recording as it passes: level of speech against the noise between, and clipped samples. */
export class RecordingQuality {
  /** Energy of each 10 ms whose flag is not known yet, by frame of the stream; what was lost in a gap has none. */
  readonly #energies = new Map<number, number>();
  #frame = 0;
  #endSample = 0;
  #open = 0;
  #openSamples = 0;
  #samples = 0;
  #sum = 0;
  readonly #levels = new Uint32Array(LEVELS);
  #sureFrames = 0;
  readonly #speech: Power = { energy: 0, frames: 0 };
  readonly #noise: Power = { energy: 0, frames: 0 };

  audio({ startSample, samples }: AudioChunk): void {
    if (startSample !== this.#endSample) {
      this.#frame = Math.round(startSample / SHIFT_SAMPLES);
      this.#open = this.#openSamples = 0;
    }
    this.#endSample = startSample + samples.length;
    for (const sample of samples) {
      this.#countLevel(Math.abs(sample));
      this.#sum += sample;
      this.#open += sample * sample;
      if (++this.#openSamples === SHIFT_SAMPLES) {
        this.#energies.set(this.#frame++, this.#open / SHIFT_SAMPLES);
        this.#open = this.#openSamples = 0;
      }
    }
    this.#samples += samples.length;
  }

  /** Which frames of the audio before were speech. Held frames are neither. */
  flags({ startSample, speech }: WindowStep): void {
    const first = Math.round(startSample / SHIFT_SAMPLES);
    for (const [i, flag] of speech.entries()) {
      const energy = this.#energies.get(first + i);
      this.#energies.delete(first + i);
      if (energy === undefined || flag === HELD) continue;
      if (flag === SPEECH) this.#sureFrames++;
      const kind = isHeard(flag) ? this.#speech : this.#noise;
      kind.energy += energy;
      kind.frames++;
    }
  }

  /** Clipped samples, 0 to 1; 0 where there are no more than unclipped speech seems to have. */
  get clippedShare(): number {
    const loudest = this.#levels.findLastIndex((count) => count > 0);
    const from = Math.round(loudest + STEPS_PER_NEPER * Math.log(CLIPPED));
    const clipped = this.#levels.subarray(Math.max(0, from)).reduce((sum, count) => sum + count, 0);
    return clipped < UNCLIPPED_SHARE * this.#samples ? 0 : clipped / Math.max(1, this.#samples);
  }

  /** Energies and frames of speech and of what is between, and frames that are surely speech; of several recordings they add up. */
  get sums(): { readonly speech: Power; readonly noise: Power; readonly sureFrames: number } {
    // A constant in the samples is no sound.
    const mean = this.#samples === 0 ? 0 : this.#sum / this.#samples;
    const alternating = ({ energy, frames }: Power): Power => ({
      energy: Math.max(0, energy - frames * mean * mean),
      frames,
    });
    return {
      speech: alternating(this.#speech),
      noise: alternating(this.#noise),
      sureFrames: this.#sureFrames,
    };
  }

  #countLevel(level: number): void {
    const step = Math.floor(STEPS_PER_NEPER * (Math.log(level) - LOWEST_NEPERS));
    if (step >= 0) this.#levels[Math.min(step, LEVELS - 1)]!++;
  }
}

/** Fewer frames of noise than this tell nothing about it. */
const MIN_NOISE_FRAMES = 20;
const SILENCE = 1e-12;
/** Speech that is no louder than what is between it tells no more than that. */
const LEAST_RATIO = 0.1;

/** Signal to noise over the recordings, dB, -10 and more; undefined where nobody paused. */
export function signalToNoiseDb(recordings: readonly RecordingQuality[]): number | undefined {
  const total = { speech: { energy: 0, frames: 0 }, noise: { energy: 0, frames: 0 } };
  for (const { sums } of recordings) {
    for (const kind of ['speech', 'noise'] as const) {
      total[kind].energy += sums[kind].energy;
      total[kind].frames += sums[kind].frames;
    }
  }
  if (total.noise.frames < MIN_NOISE_FRAMES || total.speech.frames === 0) return undefined;
  const noise = total.noise.energy / total.noise.frames + SILENCE;
  const speech = Math.max(LEAST_RATIO * noise, total.speech.energy / total.speech.frames - noise);
  return 10 * Math.log10(speech / noise);
}

/** Share of the speech that is surely speech, 0 to 1; undefined where there is none. */
export function sureShare(recordings: readonly RecordingQuality[]): number | undefined {
  const frames = recordings.reduce((sum, { sums }) => sum + sums.speech.frames, 0);
  return frames === 0 ? undefined : recordings.reduce((sum, { sums }) => sum + sums.sureFrames, 0) / frames;
}
