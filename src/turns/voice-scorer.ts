import type { Calibration } from '../model/types.js';
import type { Heard, TurnVoice } from './turn-voice.js';
import { dot } from '../vectors.js';
import type { Voice } from '../scoring/voice.js';

/**
 * A window supports a voice above this fraction of the model's threshold: rooms and noise lower genuine
 * scores.
 */
const CONVERSATION_THRESHOLD = 0.85;

/**
 * The calibration of a window in a conversation. Calibrations are measured on the loudest windows of clean
 * recordings, with even odds at the cosine that 1 % of impostors reach; in rooms and noise a voice's own
 * windows score lower. The search only separates voices; `Judge` decides whose they are.
 */
export function inConversation({ scale, offset }: Calibration): Calibration {
  return { scale, offset: CONVERSATION_THRESHOLD * offset };
}

/** Lowest log-odds of one window: that of a cough or a door, which is no proof of another voice. */
const MIN_LOG_ODDS = -3;
/** Highest log-odds of one window. */
export const MAX_LOG_ODDS = 8;
/** A full profile counts as this many windows of the turn itself. */
const PROFILE_WINDOWS = 2;
/** Speech behind half of a full profile. */
const HALF_PROFILE_SECONDS = 1;
/** An unknown speaker needs about this many windows for its own voice to be the reference. */
const STRANGER_WINDOWS = 1;

/** A turn that a window is supposed to hold `share` of, 0 to 1. */
export interface VoiceShare {
  /** Null: a new voice. */
  readonly who: Voice | null;
  readonly voice: TurnVoice;
  readonly share: number;
}

/** A voice of a mixture. Weights: `profile` of the speaker's centroid, `turn` of the turn's own direction. */
interface Part extends VoiceShare {
  readonly profile: number;
  readonly turn: number;
  /** How surely a window of this voice would lie near it, 0 to 1. */
  readonly trust: number;
}

/** The voices that a window is supposed to hold, and sums over them: see `VoiceScorer`. */
export interface Mixture {
  readonly parts: readonly Part[];
  readonly trust: number;
  /**
   * Dot product of the window with the sum of the expected voices, each times its share; and the square of
   * that sum.
   */
  readonly along: number;
  readonly square: number;
}

/**
 * Log-odds that a window holds the assumed voices rather than a new one.
 *
 * A turn is expected to sound like its speaker's profile and, the longer it lasts, like itself: the reference
 * is `PROFILE_WINDOWS` of the profile and the turn's own windows, weighted as the posterior mean of a
 * two-level Gaussian model (speaker, then turn). An unknown speaker's turn has only itself. So the first
 * windows of a turn separate known from unknown, and later ones do not add up to certainty, while a change of
 * voice stands out against the turn before.
 *
 * A window over a change is a mixture: the network pools over time, so its embedding lies near the weighted
 * mean of both voices, and is compared with that mean.
 */
export class VoiceScorer {
  readonly #scale: number;
  readonly #offset: number;
  readonly #cosines = new WeakMap<Voice, WeakMap<Voice, number>>();

  constructor(calibration: Calibration) {
    this.#scale = calibration.scale;
    this.#offset = calibration.offset;
  }

  /** Log-odds against an unknown speaker's first window; bounded either way. */
  logOdds(heard: Heard, voices: readonly VoiceShare[]): number {
    return this.#odds(this.mixture(heard, voices));
  }

  /** The same of a mixture, and of one more voice that begins in the window: `who`, whose turn it is from there. */
  logOddsWith(heard: Heard, mixture: Mixture, who: Voice | null, share: number): number {
    // A new voice has no reference.
    if (who === null || who.seconds === 0) return this.#odds(mixture);
    let cross = 0;
    for (const part of mixture.parts) cross += part.share * this.#product(part, who);
    return this.#odds({
      trust: mixture.trust + share,
      along: mixture.along + share * heard.cosine(who),
      square: mixture.square + share * (share + 2 * cross),
    });
  }

  /** What a window is supposed to hold, ready to be compared. */
  mixture(heard: Heard, voices: readonly VoiceShare[]): Mixture {
    const mixture = { parts: [] as Part[], trust: 0, along: 0, square: 0 };
    // Plain loops: this runs a thousand times a window.
    for (let i = 0; i < voices.length; i++) {
      const part = partOf(voices[i]!);
      if (part === null) continue;
      const { share } = part;
      mixture.trust += share * part.trust;
      mixture.along += share * alongPart(part, heard);
      let cross = 0;
      for (const other of mixture.parts) cross += other.share * this.#productOf(other, part);
      mixture.square += share * (share + 2 * cross);
      mixture.parts.push(part);
    }
    return mixture;
  }

  #odds({ trust, along, square }: Omit<Mixture, 'parts'>): number {
    if (trust === 0 || square <= 0) return 0;
    const odds = this.#scale * (along / Math.sqrt(square)) + this.#offset;
    return Math.min(1, trust) * Math.max(MIN_LOG_ODDS, Math.min(MAX_LOG_ODDS, odds));
  }

  /** Cosine between the expected sounds of two parts. */
  #productOf(a: Part, b: Part): number {
    let sum = b.who === null ? 0 : b.profile * this.#product(a, b.who);
    if (b.turn === 0) return sum;
    if (a.who !== null) sum += a.profile * b.turn * b.voice.cosine(a.who);
    if (a.turn > 0) sum += a.turn * b.turn * dot(a.voice.direction!, b.voice.direction!);
    return sum;
  }

  /** Cosine between the expected sound of a part and a profile. */
  #product({ who, voice, profile, turn }: Part, other: Voice): number {
    const ofProfile = who === null ? 0 : profile * this.#cosine(who, other);
    return ofProfile + (turn > 0 ? turn * voice.cosine(other) : 0);
  }

  #cosine(a: Voice, b: Voice): number {
    let row = this.#cosines.get(a);
    if (row === undefined) this.#cosines.set(a, (row = new WeakMap()));
    let cosine = row.get(b);
    if (cosine === undefined) row.set(b, (cosine = dot(a.centroid, b.centroid)));
    return cosine;
  }
}

/** The expected embedding of a voice; null for a new one. */
function partOf({ who, voice, share }: VoiceShare): Part | null {
  const profile = who === null ? 0 : (PROFILE_WINDOWS * who.seconds) / (who.seconds + HALF_PROFILE_SECONDS);
  const turn = voice.windows;
  if (profile + turn === 0) return null;
  const cosine = who !== null && turn > 0 ? voice.cosine(who) : 0;
  const length = Math.sqrt(profile * profile + turn * turn + 2 * profile * turn * cosine);
  const trust = who !== null ? 1 : turn / (turn + STRANGER_WINDOWS);
  return { who, voice, share, profile: profile / length, turn: turn / length, trust };
}

/** Cosine of the window with the expected embedding. */
function alongPart({ who, voice, profile, turn }: Part, heard: Heard): number {
  const alongProfile = who === null || profile === 0 ? 0 : profile * heard.cosine(who);
  return alongProfile + turn * heard.cosineWith(voice);
}
