import type { NativeMatrix } from '../native/addon.js';
import { loadAddon } from '../native/load-addon.js';

/** Where a vector's cosines with the cohort lie. */
export interface CohortStats {
  /** Of the cosines with those of the cohort that sound most like it. */
  readonly mean: number;
  readonly deviation: number;
  /** Deviation of the cosines with all of the cohort. */
  readonly contrast: number;
}

/** Share of the cohort, the nearest to a voice, that its scores are normalised with by default. */
const NEAREST_SHARE = 0.25;
/** Smallest deviation of cohort scores: keeps the normalisation finite. */
const MIN_DEVIATION = 1e-3;

interface Shared {
  readonly matrix: NativeMatrix;
  /** Contrasts of the cohort's own voices, ascending. */
  readonly ranks: Float64Array;
}

/** Of a model's cohort: made once for all streams of a thread. */
const shared = new WeakMap<readonly Float32Array[], Shared>();

/**
 * Voices of speakers who are not enrolled, to measure a score against: a cosine counts only if it is higher
 * than those of either side with other speakers. Symmetric adaptive normalisation (AS-norm; Cumani and others
 * 2011; Matějka and others 2017): the mean of both sides.
 */
export class Cohort {
  readonly size: number;
  readonly #matrix: NativeMatrix;
  readonly #scores: Float64Array;
  readonly #ranks: Float64Array;
  readonly #nearest: number | undefined;

  /**
   * @param vectors unit vectors, at least 2; not to be changed.
   * @param nearest with how many of them, the nearest, scores are normalised, at least 2; default: a quarter.
   */
  constructor(vectors: readonly Float32Array[], { nearest }: { readonly nearest?: number } = {}) {
    this.size = vectors.length;
    this.#nearest = nearest;
    this.#scores = new Float64Array(this.size);
    const known = shared.get(vectors);
    this.#matrix = known?.matrix ?? asMatrix(vectors);
    this.#ranks = known?.ranks ?? this.#ranksOf(vectors);
    if (known === undefined) shared.set(vectors, { matrix: this.#matrix, ranks: this.#ranks });
  }

  /** Of a unit vector. */
  stats(vector: Float32Array): CohortStats {
    return this.#stats(vector, this.size);
  }

  /**
   * Share of the cohort's own voices, 0 to 1, with less contrast than these stats. A voice resembles some
   * speakers and not others; rain, a saw or music is about equally unlike all.
   */
  rank({ contrast }: CohortStats): number {
    const above = this.#ranks.findIndex((own) => own >= contrast);
    return (above < 0 ? this.size : above) / this.size;
  }

  /** @param count with how many of the cohort; one less than all where `except` is left out. */
  #stats(vector: Float32Array, count: number, except = -1): CohortStats {
    const scores = this.#scores;
    this.#matrix.times(vector, scores);
    if (except >= 0) {
      scores[except] = -Infinity;
      highestFirst(scores, count);
    }
    const { deviation: contrast } = spread(scores, count);
    const nearest = Math.min(count, this.#nearest ?? Math.max(2, Math.ceil(NEAREST_SHARE * count)));
    highestFirst(scores, nearest);
    return { ...spread(scores, nearest), contrast };
  }

  /** Of each of the cohort's own voices with the others, ascending. */
  #ranksOf(vectors: readonly Float32Array[]): Float64Array {
    return Float64Array.from(vectors, (vector, i) => this.#stats(vector, this.size - 1, i).contrast).sort();
  }
}

/** Mean and deviation of the first `count`. */
function spread(scores: Float64Array, count: number): { mean: number; deviation: number } {
  let mean = 0;
  for (let i = 0; i < count; i++) mean += scores[i]!;
  mean /= count;
  let square = 0;
  for (let i = 0; i < count; i++) square += (scores[i]! - mean) * (scores[i]! - mean);
  return { mean, deviation: Math.max(MIN_DEVIATION, Math.sqrt(square / count)) };
}

/** Vectors as rows. */
function asMatrix(vectors: readonly Float32Array[]): NativeMatrix {
  const dimension = vectors[0]!.length;
  const values = new Float32Array(vectors.length * dimension);
  for (const [i, vector] of vectors.entries()) values.set(vector, i * dimension);
  return loadAddon().createMatrix(values, vectors.length);
}

/** Bring the `count` highest values to the front, in no order (Hoare's selection). */
function highestFirst(values: Float64Array, count: number): void {
  let low = 0;
  let high = values.length - 1;
  while (low < high && count <= high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i <= j) {
        const other = values[i]!;
        values[i++] = values[j]!;
        values[j--] = other;
      }
    }
    if (count <= j) high = j;
    else if (count >= i) low = i;
    else return;
  }
}

/** 0.5 ((s - mean_a) / sd_a + (s - mean_b) / sd_b). */
export function asNorm(score: number, a: CohortStats, b: CohortStats): number {
  return 0.5 * ((score - a.mean) / a.deviation + (score - b.mean) / b.deviation);
}
