import { TWO_COVARIANCE, type Place } from '../scoring/two-covariance.js';
import type { Breather } from './breather.js';

/** Embeddings of a recording's local speakers, in order of their windows. */
export interface Observations {
  readonly count: number;
  readonly dimension: number;
  /** count x dimension: unit embeddings, as `placeOf` has them. */
  readonly places: Float32Array;
  /** Of each, what one counts for: `evidence` times its precision about its speaker. */
  readonly weights: Float64Array;
}

export interface InferenceOptions {
  /** What is known of the first speakers before; the others are unknown. */
  readonly enrolled: readonly Place[];
  readonly rounds: number;
  /** Variance of the one offset of the recording. */
  readonly offset: number;
  /** Share of speech that is unknown speakers', where some are enrolled. */
  readonly unknownShare: number;
  /** Speakers keep their share whatever they said: none is emptied. */
  readonly keepAll: boolean;
}

export interface Inference {
  /** count x speakers: the probability that an observation is of a speaker. */
  readonly shares: Float64Array;
  /** Posterior of each speaker's place in this recording, the offset taken off. */
  readonly speakers: readonly Place[];
}

/** An empty speaker's share is never quite nothing. */
const LEAST_SHARE = 1e-8;
/** Observations between two looks at the clock. */
const BLOCK = 64;

/**
 * Who of `speakers` each observation is of, by variational Bayes: VBx (Landini et al. 2022) without its chain, on the
 * isotropic two-covariance model. Each round takes the posterior of every speaker's place from the shares, the offset from
 * what is left, and the shares from both. A speaker whom the others explain better falls to nothing.
 *
 * @param shares count x speakers: the first guess; changed in place
 */
export async function inferSpeakers(
  observations: Observations,
  shares: Float64Array,
  speakers: number,
  options: InferenceOptions,
  breather: Breather,
): Promise<Inference> {
  const { count, dimension, places, weights } = observations;
  const offset = new Float64Array(dimension);
  const means = Array.from({ length: speakers }, () => new Float32Array(dimension));
  const precisions = new Float64Array(speakers);
  const logShares = new Float64Array(speakers);
  const targets = Array.from({ length: speakers }, () => new Float32Array(dimension));
  const half = new Float64Array(speakers);

  const updateSpeakers = async (): Promise<void> => {
    for (let k = 0; k < speakers; k++) {
      const prior = options.enrolled[k];
      const sum = new Float64Array(dimension);
      let precision = 1 / TWO_COVARIANCE.between + (prior?.precision ?? 0);
      if (prior !== undefined) for (let d = 0; d < dimension; d++) sum[d] = prior.precision * prior.mean[d]!;
      for (let t = 0; t < count; t++) {
        if (t % BLOCK === 0 && breather.isDue) await breather.breathe();
        const weight = shares[t * speakers + k]! * weights[t]!;
        if (weight < 1e-9) continue;
        precision += weight;
        const at = t * dimension;
        for (let d = 0; d < dimension; d++) sum[d]! += weight * (places[at + d]! - offset[d]!);
      }
      precisions[k] = precision;
      for (let d = 0; d < dimension; d++) means[k]![d] = sum[d]! / precision;
    }
  };
  const updateOffset = async (): Promise<void> => {
    let precision = 1 / options.offset;
    const sum = new Float64Array(dimension);
    for (let t = 0; t < count; t++) {
      if (t % BLOCK === 0 && breather.isDue) await breather.breathe();
      precision += weights[t]!;
      for (let d = 0; d < dimension; d++) sum[d]! += weights[t]! * places[t * dimension + d]!;
    }
    for (let k = 0; k < speakers; k++) {
      if (breather.isDue) await breather.breathe();
      let weight = 0;
      for (let t = 0; t < count; t++) weight += shares[t * speakers + k]! * weights[t]!;
      for (let d = 0; d < dimension; d++) sum[d]! -= weight * means[k]![d]!;
    }
    for (let d = 0; d < dimension; d++) offset[d] = sum[d]! / precision;
  };
  const updateShares = async (): Promise<void> => {
    await priorOf(shares, count, speakers, options, logShares, breather);
    for (let k = 0; k < speakers; k++) {
      let square = 0;
      for (let d = 0; d < dimension; d++) {
        const at = means[k]![d]! + offset[d]!;
        targets[k]![d] = at;
        square += at * at;
      }
      half[k] = (square + dimension / precisions[k]!) / 2;
    }
    // Speakers who fell to nothing stay there.
    const live = [...logShares.keys()].filter(
      (k) => k < options.enrolled.length || logShares[k]! > Math.log(2 * LEAST_SHARE),
    );
    for (let t = 0; t < count; t++) {
      if (t % BLOCK === 0 && breather.isDue) await breather.breathe();
      shares.fill(-Infinity, t * speakers, (t + 1) * speakers);
      for (const k of live) {
        shares[t * speakers + k] =
          weights[t]! * (product(places, t * dimension, targets[k]!) - half[k]!) + logShares[k]!;
      }
      softmax(shares.subarray(t * speakers, (t + 1) * speakers));
    }
  };

  for (let round = 0; round < options.rounds; round++) {
    await updateSpeakers();
    await updateOffset();
    await updateShares();
  }
  await updateSpeakers();
  return { shares, speakers: means.map((mean, k) => ({ mean, precision: precisions[k]! })) };
}

function product(places: Float32Array, at: number, target: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = target.length - (target.length % 4);
  for (let i = whole; i < target.length; i++) a += places[at + i]! * target[i]!;
  for (let i = 0; i < whole; i += 4) {
    a += places[at + i]! * target[i]!;
    b += places[at + i + 1]! * target[i + 1]!;
    c += places[at + i + 2]! * target[i + 2]!;
    d += places[at + i + 3]! * target[i + 3]!;
  }
  return a + b + c + d;
}

/** Logarithms of what each speaker's share is before an observation is looked at. */
async function priorOf(
  shares: Float64Array,
  count: number,
  speakers: number,
  { enrolled, unknownShare, keepAll }: InferenceOptions,
  logShares: Float64Array,
  breather: Breather,
): Promise<void> {
  const known = enrolled.length;
  const unknown = speakers - known;
  const said = new Float64Array(speakers);
  for (let t = 0; t < count; t++) {
    if (t % BLOCK === 0 && breather.isDue) await breather.breathe();
    for (let k = 0; k < speakers; k++) said[k]! += shares[t * speakers + k]!;
  }
  let ofUnknown = 0;
  for (let k = known; k < speakers; k++) ofUnknown += said[k]!;
  const rest = known === 0 ? 1 : unknownShare;
  for (let k = 0; k < speakers; k++) {
    const own =
      k < known
        ? (1 - rest) / known
        : keepAll
          ? rest / unknown
          : (rest * said[k]!) / Math.max(ofUnknown, 1e-9);
    logShares[k] = Math.log(Math.max(own, LEAST_SHARE));
  }
}

/** Log-odds to shares, in place. */
function softmax(values: Float64Array): void {
  let most = -Infinity;
  for (const value of values) most = Math.max(most, value);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] = Math.exp(values[i]! - most);
  for (let i = 0; i < values.length; i++) values[i]! /= sum;
}
