import { addScaled, dot } from './vectors.js';

/** One window's embedding, its cosine with each enrolled speaker, and with what turns sounded like. */
export class Heard {
  readonly embedding: Float32Array;
  readonly cosines: Float64Array;
  /** Hundreds of hypotheses ask for the same few. */
  readonly #withVoices = new Map<TurnVoice, number>();

  constructor(embedding: Float32Array, cosines: Float64Array) {
    this.embedding = embedding;
    this.cosines = cosines;
  }

  /** Cosine with a turn so far; 0 before its first window. */
  cosineWith(voice: TurnVoice): number {
    if (voice.direction === null) return 0;
    let cosine = this.#withVoices.get(voice);
    if (cosine === undefined) {
      cosine = dot(voice.direction, this.embedding);
      this.#withVoices.set(voice, cosine);
    }
    return cosine;
  }
}

/** What one turn has sounded like so far: its windows, pooled. Immutable, so that hypotheses can share it. */
export class TurnVoice {
  /** A turn of which nothing was heard yet. */
  static readonly SILENT = new TurnVoice(null, new Float64Array(0), 0);

  /** Speech behind it, in windows of 1.5 s. */
  readonly windows: number;
  /** Mean of the windows, L2-normalised; null before the first. */
  readonly direction: Float32Array | null;
  /** Cosine of `direction` with each enrolled speaker. */
  readonly cosines: Float64Array;
  readonly #sum: Float32Array | null;
  readonly #cosineSums: Float64Array;

  private constructor(sum: Float32Array | null, cosineSums: Float64Array, windows: number) {
    const length = sum === null ? 1 : Math.sqrt(dot(sum, sum));
    this.windows = windows;
    this.direction = sum?.map((value) => value / length) ?? null;
    this.cosines = cosineSums.map((value) => value / length);
    this.#sum = sum;
    this.#cosineSums = cosineSums;
  }

  /** The voice after one more window, which adds `weight` windows' worth of new speech. */
  with({ embedding, cosines }: Heard, weight: number): TurnVoice {
    const sum = this.#sum?.slice() ?? new Float32Array(embedding.length);
    addScaled(sum, embedding, weight);
    const cosineSums = cosines.map((cosine, label) => (this.#cosineSums[label] ?? 0) + weight * cosine);
    return new TurnVoice(sum, cosineSums, this.windows + weight);
  }
}
