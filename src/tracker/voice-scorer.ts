import type { Calibration } from '../model/types.js';
import { Heard, type TurnVoice } from './turn-voice.js';
import { dot } from './vectors.js';

/**
 * Calibration where the model states none: measured with the bundled one, one 1.5 s window against a
 * profile. `calibration` or `threshold` overrides it.
 */
export const DEFAULT_CALIBRATION: Calibration = { scale: 14, offset: -7.4 };

/**
 * Log-odds of one window are kept between these. The floor is that of a window that is nobody's (a cough,
 * a door): a window unlike the voice that speaks is no proof of another voice.
 */
const MIN_LOG_ODDS = -3;
export const MAX_LOG_ODDS = 8;
/** A profile counts like this many windows of the turn itself in what the turn is expected to sound like. */
const PROFILE_WINDOWS = 2;
/** A stranger's turn is expected to go on as it began once it has about this many windows. */
const STRANGER_WINDOWS = 1;

/** A turn that a window is supposed to hold `share` of, 0 to 1. */
export interface VoiceShare {
  readonly label: number;
  readonly voice: TurnVoice;
  readonly share: number;
}

/** Weights of a supposed voice: `profile` of the enrolled centroid, `turn` of the turn's own direction. */
interface Reference {
  readonly label: number;
  readonly voice: TurnVoice;
  readonly profile: number;
  readonly turn: number;
  /** How surely a window of this voice would lie near it, 0 to 1. */
  readonly trust: number;
}

/**
 * Log-odds that a window holds the supposed voices rather than a stranger's first words.
 *
 * A turn is expected to sound like its speaker's profile and, the longer it lasts, like itself so far: the
 * reference is `PROFILE_WINDOWS` of the profile and the turn's own windows, as the posterior mean of a
 * two-level Gaussian model (speaker, then turn) would weigh them. A stranger's turn has only itself. So
 * known and unknown differ by what a turn's first windows say, and later ones do not add up to certainty,
 * while a change of voice stands out against the turn before, whoever that was.
 *
 * A window over a change is a mixture: the network pools over time, so its embedding lies near the
 * weighted mean of both voices, and that mean is what it is compared with.
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

  hear(embedding: Float32Array): Heard {
    return new Heard(
      embedding,
      Float64Array.from(this.#centroids, (centroid) => dot(centroid, embedding)),
    );
  }

  /** Log-odds against a stranger's first window; bounded either way. */
  logOdds(heard: Heard, voices: readonly VoiceShare[]): number {
    let trust = 0;
    let along = 0;
    let square = 0;
    const references = voices.map(({ label, voice }) => this.#reference(label, voice));
    for (const [i, a] of references.entries()) {
      const share = voices[i]!.share;
      trust += share * a.trust;
      along += share * this.#along(a, heard);
      for (const [j, b] of references.entries()) square += share * voices[j]!.share * this.#product(a, b);
    }
    if (trust === 0 || square <= 0) return 0;
    const odds = this.#scale * (along / Math.sqrt(square)) + this.#offset;
    return Math.min(1, trust) * Math.max(MIN_LOG_ODDS, Math.min(MAX_LOG_ODDS, odds));
  }

  #reference(label: number, voice: TurnVoice): Reference {
    const isKnown = label !== this.unknown;
    const profile = isKnown ? PROFILE_WINDOWS : 0;
    const turn = voice.windows;
    if (profile + turn === 0) return { label, voice, profile: 0, turn: 0, trust: 0 };
    const cosine = isKnown && turn > 0 ? voice.cosines[label]! : 0;
    const length = Math.sqrt(profile * profile + turn * turn + 2 * profile * turn * cosine);
    const trust = isKnown ? 1 : turn / (turn + STRANGER_WINDOWS);
    return { label, voice, profile: profile / length, turn: turn / length, trust };
  }

  /** Cosine of the window with the reference. */
  #along({ label, voice, profile, turn }: Reference, heard: Heard): number {
    const alongProfile = profile === 0 ? 0 : profile * heard.cosines[label]!;
    return alongProfile + turn * heard.cosineWith(voice);
  }

  /** Cosine between two references. */
  #product(a: Reference, b: Reference): number {
    if (a === b) return a.profile + a.turn > 0 ? 1 : 0;
    let product = 0;
    if (a.profile > 0 && b.profile > 0) {
      product += a.profile * b.profile * this.#gram[a.label * this.unknown + b.label]!;
    }
    if (a.profile > 0 && b.turn > 0) product += a.profile * b.turn * b.voice.cosines[a.label]!;
    if (a.turn > 0 && b.profile > 0) product += a.turn * b.profile * a.voice.cosines[b.label]!;
    if (a.turn > 0 && b.turn > 0) product += a.turn * b.turn * dot(a.voice.direction!, b.voice.direction!);
    return product;
  }
}
