import { addScaled, dot, unit } from './vectors.js';

/** What was heard in the stream counts for this share of the voice at the most; the profile is the rest. */
const MAX_SHARE = 0.7;
/** Speech after which it counts for half of that. */
const HALF_SECONDS = 4;
/** It follows the last so many seconds. */
const MAX_MEMORY_SECONDS = 60;

/**
 * How an enrolled speaker sounds in this stream: the profile, and the turns that were surely theirs. In a room, in
 * noise or on a telephone a voice is nearer to what was heard of it there than to a clean enrolment. Lives as long as
 * the stream and never reaches the profile, of which a fixed share stays, whatever is learnt.
 */
export class StreamVoice {
  /** The profile's centroid, L2-normalised. */
  readonly profile: Float32Array;
  readonly #sum: Float32Array;
  #seconds = 0;

  constructor(profile: Float32Array) {
    this.profile = profile;
    this.#sum = new Float32Array(profile.length);
  }

  /** Share of the centroid that was heard in the stream, 0 to `MAX_SHARE`. */
  get share(): number {
    return (MAX_SHARE * this.#seconds) / (this.#seconds + HALF_SECONDS);
  }

  /**
   * How much of the centroid is the stream's: the share times how far what was heard lies from the profile (1 less their
   * cosine). It is what strangers in the same room have in common with it.
   */
  get strangeness(): number {
    return this.share * (1 - dot(unit(this.#sum), this.profile));
  }

  /** L2-normalised. */
  get centroid(): Float32Array {
    const { share } = this;
    const sum = Float32Array.from(this.profile);
    addScaled(sum, unit(this.#sum), share / (1 - share));
    return unit(sum);
  }

  /** A turn that was surely the speaker's: its direction and net speech. */
  learn(direction: Float32Array, seconds: number): void {
    const fade = Math.min(1, Math.max(0, MAX_MEMORY_SECONDS - seconds) / Math.max(this.#seconds, 1e-9));
    for (let i = 0; i < this.#sum.length; i++) this.#sum[i]! *= fade;
    this.#seconds = Math.min(MAX_MEMORY_SECONDS, this.#seconds * fade + seconds);
    addScaled(this.#sum, direction, seconds);
  }
}
