import { together, type Said } from './said.js';
import { addScaled, dot, unit } from '../vectors.js';

/** Largest share of the stream's turns in a speaker's reference; the profile is the rest. */
const MAX_SHARE = 0.7;
/** Speech after which the stream has half of that share. */
const HALF_SECONDS = 4;
/** Recent speech that the reference follows. */
const MAX_MEMORY_SECONDS = 60;
/** Recent turns that the reference follows. */
const MAX_TURNS = 32;

/**
 * How an enrolled speaker sounds on this stream: the profile, adapted by the speaker's turns. In a room, in
 * noise or on a telephone, a voice is nearer to its other turns there than to a clean enrolment. It ends with
 * the stream and never changes the profile, which keeps a fixed share. What a turn taught can be revised.
 * Immutable.
 */
export class StreamVoice {
  /** The profile's centroid, L2-normalised. */
  readonly profile: Float32Array;
  /** L2-normalised. */
  readonly centroid: Float32Array;
  /** Share of the stream in the centroid, 0 to `MAX_SHARE`. */
  readonly share: number;
  /**
   * How far the stream moved the centroid: the share times (1 - cosine of stream and profile). Impostors in
   * the same room share this shift.
   */
  readonly strangeness: number;
  /** By number of the turn. */
  readonly #turns: ReadonlyMap<number, Said>;

  constructor(profile: Float32Array, turns: ReadonlyMap<number, Said> = new Map()) {
    this.profile = profile;
    this.#turns = turns;
    const { direction, seconds } = together(turns.values());
    const share = (MAX_SHARE * seconds) / (seconds + HALF_SECONDS);
    this.share = share;
    const heard = seconds === 0 ? profile : direction;
    const mixed = Float32Array.from(profile);
    addScaled(mixed, heard, share / (1 - share));
    this.centroid = unit(mixed);
    this.strangeness = share * Math.max(0, 1 - dot(heard, profile));
  }

  /** A turn was the speaker's: its direction, and its net speech, weighed by how likely it was theirs. */
  with(turn: number, direction: Float32Array, seconds: number): StreamVoice {
    const turns = new Map(this.#turns).set(turn, { direction, seconds });
    let total = 0;
    for (const other of turns.values()) total += other.seconds;
    // Oldest first: one that is learnt anew may be older than those that are kept.
    for (const number of [...turns.keys()].sort((a, b) => a - b)) {
      const { seconds: its } = turns.get(number)!;
      if (turns.size <= MAX_TURNS && total - its < MAX_MEMORY_SECONDS) break;
      turns.delete(number);
      total -= its;
    }
    return new StreamVoice(this.profile, turns);
  }

  /** As if the turn had not been heard. */
  without(turn: number): StreamVoice {
    if (!this.#turns.has(turn)) return this;
    const turns = new Map(this.#turns);
    turns.delete(turn);
    return new StreamVoice(this.profile, turns);
  }
}
