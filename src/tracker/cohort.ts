/** Where a vector's cosines with the cohort lie. */
export interface CohortStats {
  readonly mean: number;
  readonly deviation: number;
}

/** Cosines that count, the highest first (WeSpeaker's recipes take 300). */
const TOP_SCORES = 300;
const MIN_DEVIATION = 1e-3;

/**
 * Voices of people who are nobody's enrolled speaker, to measure a score against: a cosine is remarkable
 * only if it is higher than those that either side has with strangers. Symmetric adaptive normalisation
 * (AS-norm; Cumani and others 2011; Matějka and others 2017): the mean of what the two sides say.
 */
export class Cohort {
  readonly size: number;
  readonly #dimension: number;
  /** Row-major. */
  readonly #vectors: Float32Array;

  /** @param vectors unit vectors, at least 2. */
  constructor(vectors: readonly Float32Array[]) {
    this.size = vectors.length;
    this.#dimension = vectors[0]!.length;
    this.#vectors = new Float32Array(this.size * this.#dimension);
    for (const [i, vector] of vectors.entries()) this.#vectors.set(vector, i * this.#dimension);
  }

  stats(vector: Float32Array): CohortStats {
    const scores = new Float64Array(this.size);
    for (let i = 0, at = 0; i < this.size; i++) {
      let sum = 0;
      for (let j = 0; j < this.#dimension; j++) sum += this.#vectors[at++]! * vector[j]!;
      scores[i] = sum;
    }
    const top = this.size > TOP_SCORES ? scores.sort().subarray(this.size - TOP_SCORES) : scores;
    let mean = 0;
    for (const score of top) mean += score / top.length;
    let square = 0;
    for (const score of top) square += (score - mean) ** 2 / top.length;
    return { mean, deviation: Math.max(MIN_DEVIATION, Math.sqrt(square)) };
  }
}

/** 0.5 ((s - mean_a) / sd_a + (s - mean_b) / sd_b). */
export function asNorm(score: number, a: CohortStats, b: CohortStats): number {
  return 0.5 * ((score - a.mean) / a.deviation + (score - b.mean) / b.deviation);
}
