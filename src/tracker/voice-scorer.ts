import type { Calibration } from '../model/types.js';
import { dot } from './vectors.js';

/**
 * Calibration where the model's makers state none: log-odds 0 at a cosine of 0.5, the middle of what
 * published WeSpeaker networks give for short windows. `calibration` or `threshold` overrides it.
 */
export const DEFAULT_CALIBRATION: Calibration = { scale: 16, offset: -8.8 };

/** One window is worth this much log-odds at most, so that no single window decides alone. */
const MAX_LOG_ODDS = 8;

/** A stretch of one window that one voice is supposed to fill: `share` of its speech, 0 to 1. */
export interface VoiceShare {
  /** Index of an enrolled speaker, or `unknown`. */
  label: number;
  share: number;
}

/**
 * Log-odds that a window holds the supposed voices rather than strangers. A window over a change of
 * speaker is a mixture: the network's mean over time makes its embedding lie near the weighted mean of
 * the two voices, so the supposition "a of A and b of B" predicts the direction a A + b B, and its cosine
 * with the window follows from the single cosines and the cosines between the profiles.
 */
export class VoiceScorer {
  /** Label of "none of the enrolled": their count. */
  readonly unknown: number;
  readonly #centroids: readonly Float32Array[];
  readonly #scale: number;
  readonly #offset: number;
  /** Row-major cosines between the centroids. */
  readonly #gram: Float64Array;

  constructor(centroids: readonly Float32Array[], calibration: Calibration) {
    this.unknown = centroids.length;
    this.#centroids = centroids;
    this.#scale = calibration.scale;
    this.#offset = calibration.offset;
    this.#gram = new Float64Array(this.unknown * this.unknown);
    for (const [i, a] of centroids.entries()) {
      for (const [j, b] of centroids.entries()) this.#gram[i * this.unknown + j] = dot(a, b);
    }
  }

  /** Cosine of a unit embedding with each enrolled speaker. */
  cosines(embedding: Float32Array): Float64Array {
    return Float64Array.from(this.#centroids, (centroid) => dot(centroid, embedding));
  }

  /** Log-odds against a stranger; 0 for a window that is all stranger, bounded either way. */
  logOdds(cosines: Float64Array, voices: readonly VoiceShare[]): number {
    let known = 0;
    let along = 0;
    let square = 0;
    for (const a of voices) {
      if (a.label === this.unknown) continue;
      known += a.share;
      along += a.share * cosines[a.label]!;
      for (const b of voices) {
        if (b.label !== this.unknown)
          square += a.share * b.share * this.#gram[a.label * this.unknown + b.label]!;
      }
    }
    if (known === 0 || square <= 0) return 0;
    const odds = this.#scale * (along / Math.sqrt(square)) + this.#offset;
    return Math.min(1, known) * Math.max(-MAX_LOG_ODDS, Math.min(MAX_LOG_ODDS, odds));
  }
}
