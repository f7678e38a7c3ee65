import { StreamResampler } from './resampler.js';

/** A `StreamResampler` for each of some channels, which stay on one clock: each gives as many samples. */
export class ChannelResampler {
  readonly rateHz: number;
  readonly #each: readonly StreamResampler[];

  private constructor(rateHz: number, each: readonly StreamResampler[]) {
    this.rateHz = rateHz;
    this.#each = each;
  }

  /** Rejects as `StreamResampler.create`. */
  static async create(rateHz: number, channels: number): Promise<ChannelResampler> {
    const each = await Promise.all(Array.from({ length: channels }, () => StreamResampler.create(rateHz)));
    return new ChannelResampler(rateHz, each);
  }

  /** @param planes as many samples of each channel */
  push(planes: readonly Float32Array[]): Float32Array[] {
    return this.#each.map((resampler, channel) => resampler.push(planes[channel]!));
  }

  flush(): Float32Array[] {
    return this.#each.map((resampler) => resampler.flush());
  }

  free(): void {
    for (const resampler of this.#each) resampler.free();
  }
}
