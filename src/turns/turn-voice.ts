import { addScaled, dot, norm, scaled } from '../vectors.js';
import type { Voice } from '../scoring/voice.js';

/** One window's embedding, its cosine with voices, and with what turns sounded like; each computed once. */
export class Heard {
  readonly embedding: Float32Array;
  readonly #cosines = new Map<Voice | TurnVoice, number>();

  constructor(embedding: Float32Array) {
    this.embedding = embedding;
  }

  cosine(voice: Voice): number {
    return this.#cosine(voice, voice.centroid);
  }

  /** Cosine with a turn so far; 0 before its first window. */
  cosineWith(turn: TurnVoice): number {
    return turn.direction === null ? 0 : this.#cosine(turn, turn.direction);
  }

  // Hundreds of hypotheses ask for the same few.
  #cosine(key: Voice | TurnVoice, direction: Float32Array): number {
    let cosine = this.#cosines.get(key);
    if (cosine === undefined) {
      cosine = dot(direction, this.embedding);
      this.#cosines.set(key, cosine);
    }
    return cosine;
  }
}

export interface TurnVoiceState {
  readonly sum: Float32Array | null;
  readonly windows: number;
}

/** What one turn has sounded like so far: its windows, pooled. Immutable, so that hypotheses can share it. */
export class TurnVoice {
  /** A turn without speech so far. */
  static readonly SILENT = new TurnVoice(null, 0);

  /** Speech behind it, in windows of 1.5 s. */
  readonly windows: number;
  /** Mean of the windows, L2-normalised; null before the first. */
  readonly direction: Float32Array | null;
  readonly #sum: Float32Array | null;
  readonly #cosines = new Map<Voice, number>();

  private constructor(sum: Float32Array | null, windows: number) {
    this.windows = windows;
    this.direction = sum === null ? null : scaled(sum, 1 / norm(sum));
    this.#sum = sum;
  }

  /** Cosine with a voice; 0 before the first window. */
  cosine(voice: Voice): number {
    if (this.direction === null) return 0;
    let cosine = this.#cosines.get(voice);
    if (cosine === undefined) {
      cosine = dot(this.direction, voice.centroid);
      this.#cosines.set(voice, cosine);
    }
    return cosine;
  }

  /** As plain data. */
  save(): TurnVoiceState {
    return { sum: this.#sum, windows: this.windows };
  }

  static from({ sum, windows }: TurnVoiceState): TurnVoice {
    return sum === null ? TurnVoice.SILENT : new TurnVoice(sum, windows);
  }

  /** The voice after one more window, which adds `weight` windows' worth of new speech. */
  with({ embedding }: Heard, weight: number): TurnVoice {
    const sum = this.#sum?.slice() ?? new Float32Array(embedding.length);
    addScaled(sum, embedding, weight);
    return new TurnVoice(sum, this.windows + weight);
  }
}
