import { WhospeaksError } from '../errors.js';

/** Which channel is wanted, and how many there are. */
export interface Channels {
  /** From 0; absent for one made of all. */
  readonly channel?: number | undefined;
  /** Known once something was decoded. */
  channels?: number | undefined;
}

/** Samples in which the powers are compared; counted from the start, so that cutting the stream changes nothing. */
const WINDOW_SAMPLES = 1024;
/** Of the powers so far, what is left after each window. */
const MEMORY = 0.9;
/**
 * Power of the mean over the power it would have if the channels were unlike: 1 for two speakers on two channels, 2 for
 * the same signal on both, 0 for a signal and its inverse. Below the first the mean cancels; beyond the second it no longer does.
 */
const CANCELS = 0.05;
const MIXES = 0.2;
/** How much stronger another channel must be to be taken instead. */
const STRONGER = 2;

/**
 * Many channels to one: their mean. Where the channels cancel each other (a cable with its wires swapped gives a signal
 * and its inverse), the strongest channel alone, from the next 1024 samples on.
 */
export class DownMixer {
  readonly #wanted: Channels;
  #filled = 0;
  #mixed = 0;
  #mixedBefore = 0;
  #powers = new Float64Array(0);
  #powersBefore = new Float64Array(0);
  /** The channel that is taken, -1 for the mean of all. */
  #chosen = -1;

  /** @param wanted is told how many channels there are */
  constructor(wanted: Channels = {}) {
    this.#wanted = wanted;
  }

  /**
   * @returns `count` mono samples; NaN where any channel has none that is finite. Of one channel that is wanted, its own.
   * @throws {WhospeaksError} `audio-format` where there is no such channel
   */
  mix(channels: readonly Float32Array[], count: number): Float32Array {
    this.#wanted.channels = channels.length;
    const { channel } = this.#wanted;
    if (channel !== undefined) {
      const own = channels[channel];
      if (own !== undefined) return own.subarray(0, count);
      throw new WhospeaksError(
        'audio-format',
        `channel ${channel} is not there: the audio has ${channels.length}, counted from 0`,
      );
    }
    if (channels.length === 1) return channels[0]!.subarray(0, count);
    if (channels.length !== this.#powers.length) this.#reset(channels.length);
    const mono = new Float32Array(count);
    for (let at = 0; at < count;) {
      const end = Math.min(count, at + WINDOW_SAMPLES - this.#filled);
      this.#mixRun(channels, mono, at, end);
      this.#filled += end - at;
      at = end;
      if (this.#filled === WINDOW_SAMPLES) this.#decide();
    }
    return mono;
  }

  #mixRun(channels: readonly Float32Array[], mono: Float32Array, from: number, to: number): void {
    for (let c = 0; c < channels.length; c++) {
      const channel = channels[c]!;
      let power = 0;
      for (let i = from; i < to; i++) {
        const sample = channel[i]!;
        power += sample * sample;
        mono[i]! += sample;
      }
      this.#powers[c]! += power;
    }
    const chosen = channels[this.#chosen];
    for (let i = from; i < to; i++) {
      const mean = mono[i]! / channels.length;
      this.#mixed += mean * mean;
      // A sum that is not finite is one channel's fault, which the channel that is taken must not hide.
      mono[i] = chosen === undefined ? mean : mean - mean === 0 ? chosen[i]! : NaN;
    }
  }

  #decide(): void {
    const count = this.#powers.length;
    let total = 0;
    let strongest = 0;
    for (let c = 0; c < count; c++) {
      const power = this.#powersBefore[c]! * MEMORY + this.#powers[c]!;
      this.#powersBefore[c] = power;
      total += power;
      if (power > this.#powersBefore[strongest]!) strongest = c;
    }
    this.#mixedBefore = this.#mixedBefore * MEMORY + this.#mixed;
    const unlike = total / count ** 2;
    if (this.#mixedBefore > MIXES * unlike) this.#chosen = -1;
    else if (this.#chosen >= 0) {
      if (this.#powersBefore[strongest]! > STRONGER * this.#powersBefore[this.#chosen]!)
        this.#chosen = strongest;
    } else if (this.#mixedBefore < CANCELS * unlike) this.#chosen = strongest;
    this.#powers.fill(0);
    this.#mixed = 0;
    this.#filled = 0;
  }

  #reset(channels: number): void {
    this.#powers = new Float64Array(channels);
    this.#powersBefore = new Float64Array(channels);
    this.#filled = this.#mixed = this.#mixedBefore = 0;
    this.#chosen = -1;
  }
}
