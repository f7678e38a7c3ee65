import { HELD, isHeard } from '../fbank/speech-gate.js';
import type { WindowStep } from '../fbank/types.js';
import { SHIFT_SAMPLES, type AudioChunk } from '../stream/types.js';

/** A sample this near to full scale was clipped. */
const CLIPPED = 0.999;

/** Measures a recording as it passes: level of speech against the noise between, and clipped samples. */
export class RecordingQuality {
  /** Energy of each 10 ms whose flag is not known yet, by frame of the stream; what was lost in a gap has none. */
  readonly #energies = new Map<number, number>();
  #frame = 0;
  #endSample = 0;
  #open = 0;
  #openSamples = 0;
  #samples = 0;
  #clipped = 0;
  readonly #speech = { energy: 0, frames: 0 };
  readonly #noise = { energy: 0, frames: 0 };

  audio({ startSample, samples }: AudioChunk): void {
    if (startSample !== this.#endSample) {
      this.#frame = Math.round(startSample / SHIFT_SAMPLES);
      this.#open = this.#openSamples = 0;
    }
    this.#endSample = startSample + samples.length;
    for (const sample of samples) {
      this.#open += sample * sample;
      if (Math.abs(sample) >= CLIPPED) this.#clipped++;
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
      const kind = isHeard(flag) ? this.#speech : this.#noise;
      kind.energy += energy;
      kind.frames++;
    }
  }

  /** Clipped samples, 0 to 1. */
  get clippedShare(): number {
    return this.#samples === 0 ? 0 : this.#clipped / this.#samples;
  }

  /** Energies and frames of speech and of what is between; of several recordings they add up. */
  get sums(): { speech: { energy: number; frames: number }; noise: { energy: number; frames: number } } {
    return { speech: this.#speech, noise: this.#noise };
  }
}

/** Fewer frames of noise than this tell nothing about it. */
const MIN_NOISE_FRAMES = 20;
const SILENCE = 1e-12;

/** Signal to noise over the recordings, dB; undefined where nobody paused. */
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
  const speech = Math.max(SILENCE, total.speech.energy / total.speech.frames - noise);
  return 10 * Math.log10(speech / noise);
}
