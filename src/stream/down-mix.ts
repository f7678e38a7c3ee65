import { WhospeaksError } from '../errors.js';

/** Whether channels are mixed to one, or each is kept. */
export type ChannelMode = 'mix' | 'channels';

/** Channels that can be kept apart: each is work of its own. */
export const MAX_KEPT_CHANNELS = 8;

/** Which channels are wanted, and what was found. */
export interface Channels {
  /** From 0; absent for one made of all. */
  readonly channel?: number | undefined;
  /** Default `mix`. */
  readonly audio?: ChannelMode | undefined;
  /** How many there are; known once something was decoded. */
  channels?: number | undefined;
  /** Channels that are not alike were mixed. */
  isMixed?: boolean | undefined;
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
/** Share of the power that the mean leaves out from which the channels of a window are not alike; codecs leave out less. */
const UNLIKE_SHARE = 0.05;
/** Mean power of a window below which nothing is compared: -60 dB. */
const LEAST_POWER = 1e-6;
/** Such windows from which it is said: no chance, and no moment before `MEMORY_TO_LEAVE` tells. */
const UNLIKE_WINDOWS = 16;

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
  #unlikeWindows = 0;

  /** @param wanted is told how many channels there are */
  constructor(wanted: Channels = {}) {
    this.#wanted = wanted;
  }

  /**
   * @returns of each channel that is wanted `count` samples: one made of all or chosen (`mix`), or each as it came
   * @throws {WhospeaksError} `audio-format` where there is no such channel, or where there are too many to keep
   */
  planes(channels: readonly Float32Array[], count: number): Float32Array[] {
    if (this.#wanted.audio !== 'channels') return [this.mix(channels, count)];
    this.#wanted.channels = channels.length;
    if (channels.length > MAX_KEPT_CHANNELS) {
      throw new WhospeaksError(
        'audio-format',
        `the audio has ${channels.length} channels; at most ${MAX_KEPT_CHANNELS} can be kept apart: mix them, or choose one`,
      );
    }
    return channels.map((channel) => channel.subarray(0, count));
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
    if (this.#chosen < 0) this.#compare();
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

  #compare(): void {
    const total = this.#powers.reduce((sum, power) => sum + power, 0);
    if (total < LEAST_POWER * WINDOW_SAMPLES) return;
    // Of channels that are alike, the mean has all the power.
    if (1 - (this.#mixed * this.#powers.length) / total < UNLIKE_SHARE) return;
    if (++this.#unlikeWindows >= UNLIKE_WINDOWS) this.#wanted.isMixed = true;
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
