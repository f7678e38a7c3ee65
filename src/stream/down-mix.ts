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
/**
 * Of the powers so far, what is left after each window. Channels that begin to cancel are left at once: until then the
 * voice is not heard. Back to the mean there is no hurry, and a moment in which they do not cancel is no reason.
 */
const MEMORY_TO_LEAVE = 0.3;
const MEMORY_TO_RETURN = 0.9;
/**
 * Likeness of the channels: 1 for two speakers on two channels, 2 for the same signal on both, 0 for a signal and its
 * inverse. Below the first the mean cancels; beyond the second it no longer does.
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
  #powers = new Float64Array(0);
  #lately = new Powers(0, MEMORY_TO_LEAVE);
  #longer = new Powers(0, MEMORY_TO_RETURN);
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
    const [lately, longer] = [this.#lately, this.#longer];
    lately.add(this.#powers, this.#mixed);
    longer.add(this.#powers, this.#mixed);
    if (this.#chosen < 0 && lately.likeness < CANCELS) {
      this.#chosen = lately.strongest;
      longer.become(lately);
    } else if (this.#chosen >= 0) {
      if (longer.likeness > MIXES) this.#chosen = -1;
      else if (longer.each[longer.strongest]! > STRONGER * longer.each[this.#chosen]!)
        this.#chosen = longer.strongest;
    }
    this.#powers.fill(0);
    this.#mixed = 0;
    this.#filled = 0;
  }

  #reset(channels: number): void {
    this.#powers = new Float64Array(channels);
    this.#lately = new Powers(channels, MEMORY_TO_LEAVE);
    this.#longer = new Powers(channels, MEMORY_TO_RETURN);
    this.#filled = this.#mixed = 0;
    this.#chosen = -1;
  }
}

/** Powers of the channels and of their mean, of windows that count the less the longer ago they are. */
class Powers {
  each: Float64Array;
  mixed = 0;
  readonly #memory: number;

  constructor(channels: number, memory: number) {
    this.each = new Float64Array(channels);
    this.#memory = memory;
  }

  add(powers: Float64Array, mixed: number): void {
    this.each = this.each.map((power, c) => power * this.#memory + powers[c]!);
    this.mixed = this.mixed * this.#memory + mixed;
  }

  become({ each, mixed }: Powers): void {
    this.each = each;
    this.mixed = mixed;
  }

  get strongest(): number {
    return this.each.reduce((best, power, c) => (power > this.each[best]! ? c : best), 0);
  }

  /** Power of the mean over the power it would have if the channels were unlike; NaN in silence. */
  get likeness(): number {
    const total = this.each.reduce((sum, power) => sum + power, 0);
    return (this.mixed * this.each.length ** 2) / total;
  }
}
