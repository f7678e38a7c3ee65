import type { Pooled } from './evidence-pool.js';
import { DEFAULT_FALSE_ACCEPT_RATE, type Genuine, type Level, type Scorer } from '../scoring/scorer.js';
import type { StrangerShare } from './stranger-share.js';
import { anotherPersons } from './two-people.js';
import { dot } from '../vectors.js';
import { NOVEL, type Evidence, type Voice } from '../scoring/voice.js';
import { StreamFit } from './stream-fit.js';
import type { VoiceSet } from './voice-set.js';

/** Speech that a turn needs to count for the level of the stream. */
const MIN_LEARN_SECONDS = 1;

/** Turns after which an enrolled speaker counts as present. */
const PRESENT_TURNS = 2;
/** Probability that each of those turns needs. */
const SURE = 0.9;
/** The threshold treats a present speaker as one of this many. */
const PRESENT_COUNT = 2;

/**
 * Standardised score that a reference heard on the stream costs: impostors in the same room are nearer to it
 * too.
 */
const SAME_STREAM_SCORE = 1;
/**
 * Standardised score that the comparison with the profile alone costs. A turn is compared with the profile
 * with and without what the stream taught, and the better result counts. Impostors gain from the better of
 * two, too.
 */
const PROFILE_ALONE_SCORE = 0.7;

/** Speech that each of two consecutive turns needs to be compared with the other. */
const MIN_COMPARED_SECONDS = 1;
/** Below these log-odds of one voice, the two turns are not joined. */
const SPLIT_LOG_ODDS = 1;

/** What the evidence of a turn says. */
export interface Verdict {
  /** Null: a new voice, or no evidence. */
  readonly voice: Voice | null;
  /** Cosine with `voice`, else with the best enrolled speaker. */
  readonly score: number;
  /** Standardised score of the same; 0 without either. */
  readonly standard: number;
  /** Probability that the label is right. If no enrolled speaker speaks, any unknown label is right. */
  readonly probability: number;
  /** Probability of this voice, or of a new one if `voice` is null. */
  readonly voiceProbability: number;
  /** Log-odds of the best enrolled speaker at even priors; -Infinity without a candidate. */
  readonly knownLogOdds: number;
  readonly evidence: Evidence | null;
  /** The best enrolled speaker, whatever the label. */
  readonly nearest: Nearest | null;
}

/** How the best enrolled speaker scored, and how likely the turn was theirs. */
interface Nearest {
  readonly id: number;
  readonly standard: number;
  readonly genuine: Genuine;
  readonly probability: number;
}

/** A settled turn that is judged as if it had not been heard itself. */
export interface PastTurn {
  /** Its number, as told. */
  readonly turn: number;
  readonly evidence: Evidence;
}

export interface JudgeOptions {
  /** Without: the default, and `Scorer.defaultAcceptAt`. */
  readonly falseAcceptRate: number | undefined;
  /** A cosine in place of the rate. */
  readonly threshold: number | undefined;
}

interface Candidate {
  readonly voice: Voice;
  readonly cosine: number;
  readonly standard: number;
  readonly logOdds: number;
  readonly genuine: Genuine;
}

/**
 * Assigns a turn to a voice from all of its evidence. An enrolled name must be the most probable answer, also
 * against the unknown voices so far, and pass the threshold for the false accept rate.
 */
export class Judge {
  readonly #scorer: Scorer;
  readonly #people: VoiceSet;
  readonly #options: JudgeOptions;
  readonly #strangerShare: StrangerShare;
  readonly #fit: StreamFit;
  readonly #sureTurns = new Map<number, number>();
  readonly #thresholds = new Map<number, number>();

  constructor(scorer: Scorer, people: VoiceSet, strangerShare: StrangerShare, options: JudgeOptions) {
    this.#scorer = scorer;
    this.#people = people;
    this.#strangerShare = strangerShare;
    this.#options = options;
    this.#fit = new StreamFit(scorer.levelVariance);
  }

  /**
   * @param seconds net speech of the turn.
   * @param hint what the search says; decides where a turn has no window of its own.
   * @param except an unknown voice that does not come into question.
   */
  judge(pooled: Pooled | null, seconds: number, hint: number, except = NOVEL): Verdict {
    if (pooled === null) {
      return {
        voice: null,
        score: 0,
        standard: 0,
        probability: 0.5,
        voiceProbability: 0.5,
        knownLogOdds: -Infinity,
        evidence: null,
        nearest: null,
      };
    }
    const { direction, windows } = pooled;
    const told = windows.length === 0 ? hint : NOVEL;
    return this.#weigh(this.#scorer.evidence(direction, seconds), told, except);
  }

  /** Judges a settled turn again, without what it taught about enrolled speakers. */
  rejudge({ turn, evidence }: PastTurn): Verdict {
    return this.#weigh(evidence, NOVEL, NOVEL, turn);
  }

  /** Whether a settled turn is more probably the voice's than any one unknown speaker's. */
  comesNear(voice: Voice, { turn, evidence }: PastTurn): boolean {
    return (this.#best([voice], evidence, turn)?.logOdds ?? 0) > 0;
  }

  /**
   * @param hint an enrolled speaker who is believed where that is the best one.
   * @param past a settled turn that counts as not heard.
   */
  #weigh(evidence: Evidence, hint: number, except: number, past?: number): Verdict {
    const known = this.#best(this.#people.nearest(evidence.direction), evidence, past);
    const unknown = this.#best(
      [...this.#people.unknown()].filter(({ id }) => id !== except),
      evidence,
    );
    const weights = this.#weights(known, unknown);
    const total = weights.known + weights.unknown + weights.novel;
    const knownLogOdds = known?.logOdds ?? -Infinity;
    const tell = (choice: Candidate | undefined, weight: number, probability = weight / total): Verdict => ({
      voice: choice?.voice ?? null,
      score: Math.max(-1, Math.min(1, (choice ?? known)?.cosine ?? 0)),
      standard: (choice ?? known)?.standard ?? 0,
      probability,
      voiceProbability: weight / total,
      knownLogOdds,
      evidence,
      nearest:
        known === undefined
          ? null
          : {
              id: known.voice.id,
              standard: known.standard,
              genuine: known.genuine,
              probability: weights.known / total,
            },
    });
    // A `threshold` given by the user decides alone about voices not heard before.
    const likeliest =
      weights.known >= weights.unknown &&
      (weights.known >= weights.novel || this.#options.threshold !== undefined);
    const byHint = hint !== NOVEL && known?.voice.id === hint;
    if (known !== undefined && (byHint || likeliest) && this.#accepts(known, evidence.seconds)) {
      return tell(known, weights.known);
    }
    const strange = (weights.unknown + weights.novel) / total;
    return unknown !== undefined && weights.unknown >= weights.novel
      ? tell(unknown, weights.unknown, strange)
      : tell(undefined, weights.novel, strange);
  }

  /** Whether two turns in a row may be one person's: nothing says that they are two. */
  couldBeOne(a: Evidence | null, b: Evidence | null): boolean {
    if (a === null || b === null || Math.min(a.seconds, b.seconds) < MIN_COMPARED_SECONDS) return true;
    const standard = this.#scorer.standard(dot(a.direction, b.direction), a, b);
    return this.#scorer.logOdds(standard, this.#scorer.genuine(a.seconds, b.seconds)) > SPLIT_LOG_ODDS;
  }

  /** Which of the turns given to an enrolled speaker are another person's after all. */
  anotherPersons(id: number, turns: readonly PastTurn[]): readonly number[] {
    if (this.#options.threshold !== undefined) return [];
    const said = turns.map(({ evidence }) => evidence);
    return anotherPersons(said, this.#scorer, this.#people.asEnrolled(id)?.centroid);
  }

  /**
   * Learn from a settled turn: the level of the stream for the nearest profile, and the share of unknown
   * speakers.
   */
  learn(turn: number, { evidence, nearest }: Verdict): void {
    if (nearest === null || evidence === null || evidence.seconds < MIN_LEARN_SECONDS) return;
    const { id, standard, genuine, probability } = nearest;
    this.#strangerShare.learn(turn, 1 - probability);
    this.#fit.learn(turn, id, standard - genuine.mean, genuine.variance, probability);
  }

  /** Only these speakers are enrolled as they were: nothing is known of how others sound here. */
  keep(ids: ReadonlySet<number>): void {
    this.#fit.keep(ids);
    for (const id of [...this.#sureTurns.keys()]) if (!ids.has(id)) this.#sureTurns.delete(id);
  }

  /** That turn says nothing of this speaker any more. */
  forget(turn: number, id: number): void {
    this.#fit.forget(turn, id);
  }

  /** An enrolled speaker was surely heard, or (-1) was not after all. */
  countSure({ voice, probability }: Verdict, by: 1 | -1): void {
    if (voice?.known && probability >= SURE) this.#sureTurns.set(voice.id, this.#sureTurnsOf(voice.id) + by);
  }

  #accepts({ voice, cosine, standard }: Candidate, seconds: number): boolean {
    const { threshold, falseAcceptRate } = this.#options;
    if (threshold !== undefined) return cosine >= threshold;
    if (falseAcceptRate === undefined && standard < this.#scorer.defaultAcceptAt(seconds)) return false;
    // Every absent speaker is one more that an impostor may resemble; a present one is not.
    const count = this.#people.enrolled.length;
    const isPresent = this.#sureTurnsOf(voice.id) >= PRESENT_TURNS;
    const rate = falseAcceptRate ?? DEFAULT_FALSE_ACCEPT_RATE;
    return standard >= this.#acceptAt(rate, isPresent ? Math.min(PRESENT_COUNT, count) : count);
  }

  #sureTurnsOf(id: number): number {
    return this.#sureTurns.get(id) ?? 0;
  }

  /** The threshold among that many speakers; they seldom change. */
  #acceptAt(falseAcceptRate: number, count: number): number {
    let at = this.#thresholds.get(count);
    if (at === undefined) this.#thresholds.set(count, (at = this.#scorer.acceptAt(falseAcceptRate, count)));
    return at;
  }

  #best(voices: Iterable<Voice>, evidence: Evidence, past?: number): Candidate | undefined {
    let best: Candidate | undefined;
    for (const now of voices) {
      const voice = past === undefined ? now : this.#people.without(now, past);
      const level = voice.known ? this.#fit.level(voice.id, past) : undefined;
      const here = this.#candidate(voice, voice, evidence, SAME_STREAM_SCORE * voice.strangeness, level);
      if (best === undefined || isBetter(here, best)) best = here;
      const enrolled = voice.strangeness > 0 ? this.#people.asEnrolled(voice.id) : undefined;
      if (enrolled === undefined) continue;
      const alone = this.#candidate(voice, enrolled, evidence, PROFILE_ALONE_SCORE);
      if (isBetter(alone, best)) best = alone;
    }
    return best;
  }

  /** @param heardAs what the voice sounds like; `less`: of the standardised score, for how it came to be. */
  #candidate(voice: Voice, heardAs: Voice, evidence: Evidence, less: number, level?: Level): Candidate {
    const cosine = dot(heardAs.centroid, evidence.direction);
    const standard = this.#scorer.standard(cosine, heardAs, evidence) - less;
    const genuine = this.#scorer.genuine(evidence.seconds, voice.seconds);
    return { voice, cosine, standard, logOdds: this.#scorer.logOdds(standard, genuine, level), genuine };
  }

  /** Prior times likelihood ratio of the best enrolled, the best unknown, and a new voice. */
  #weights(
    known: Candidate | undefined,
    unknown: Candidate | undefined,
  ): Record<'known' | 'unknown' | 'novel', number> {
    const forUnknown = this.#strangerShare.value;
    const ratio = (candidate: Candidate | undefined): number =>
      candidate === undefined ? 0 : Math.exp(Math.min(50, candidate.logOdds));
    const strangers = this.#people.unknownCount;
    return {
      known: ((1 - forUnknown) * ratio(known)) / Math.max(1, this.#people.enrolled.length),
      unknown: ((forUnknown / 2) * ratio(unknown)) / Math.max(1, strangers),
      novel: strangers === 0 ? forUnknown : forUnknown / 2,
    };
  }
}

/** Log-odds are bounded: of two that are sure, the higher score. */
function isBetter(a: Candidate, b: Candidate): boolean {
  return a.logOdds === b.logOdds ? a.standard > b.standard : a.logOdds > b.logOdds;
}
