/**
 * The one answer to "how likely is it one person, with so many seconds of speech on either side": a two-covariance model
 * whose covariances are isotropic (Brümmer and de Villiers 2010; Kenny 2010). In the space z = scale x sqrt(dimension) x embedding a speaker
 * is y ~ N(0, between I); what is heard of the speaker in one session is y + s, s ~ N(0, session I), and a stretch of
 * speech is N(y + s, within / n I), n = seconds^exponent.
 */
export const TWO_COVARIANCE = {
  /** Embeddings are unit vectors; times this and the square root of their length, one window's noise is about 1 a dimension. */
  scale: 25 / 16,
  /** Variance of speakers, a dimension. */
  between: 1,
  /** Variance of one second of speech about its speaker in one session. */
  within: 0.5,
  /** Variance of a speaker from session to session: what an enrolment elsewhere is worth. */
  session: 1,
  /** Speech beyond it says nothing more of one stretch, seconds. */
  maxSeconds: 6,
  /** How fast precision grows with seconds: stretches of one recording depend on one another. */
  exponent: 0.3,
} as const;

/** What is known of a speaker's place: normal about `mean`, of variance 1 / precision in each dimension. */
export interface Place {
  readonly mean: Float32Array;
  readonly precision: number;
}

/** Precision of one stretch of speech about its speaker in its session. */
export function stretchPrecision(seconds: number): number {
  const { maxSeconds, exponent, within } = TWO_COVARIANCE;
  return Math.min(maxSeconds, seconds) ** exponent / within;
}

/** A unit embedding in the model's space. */
export function placeOf(embedding: Float32Array): Float32Array {
  const factor = TWO_COVARIANCE.scale * Math.sqrt(embedding.length);
  return embedding.map((value) => factor * value);
}

/**
 * What an enrolment of so much speech says of its speaker in another session. `centroid`: L2-normalised; `session`: variance
 * between the two.
 */
export function enrolledPlace(
  centroid: Float32Array,
  seconds: number,
  session: number = TWO_COVARIANCE.session,
): Place {
  const own = stretchPrecision(seconds);
  return { mean: placeOf(centroid), precision: own / (1 + session * own) };
}

/**
 * Log-likelihood ratio that two places were heard of one speaker rather than of two, with nothing known of speakers but
 * how they vary.
 */
export function samePersonLogRatio(a: Place, b: Place): number {
  const { between } = TWO_COVARIANCE;
  const posterior = 1 / between + a.precision;
  const shrink = a.precision / posterior;
  const same = 1 / posterior + 1 / b.precision;
  const other = between + 1 / b.precision;
  let away = 0;
  let length = 0;
  for (let i = 0; i < b.mean.length; i++) {
    away += (b.mean[i]! - shrink * a.mean[i]!) ** 2;
    length += b.mean[i]! ** 2;
  }
  return (b.mean.length * Math.log(other / same) - away / same + length / other) / 2;
}
