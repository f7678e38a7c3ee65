import type { Pooled } from './evidence-pool.js';
import type { Scorer } from './scoring.js';
import { dot } from './vectors.js';
import { NOVEL, type Evidence, type Voice } from './voice.js';
import { VoiceToday } from './voice-today.js';
import type { VoiceSet } from './voice-set.js';

/** A turn tells how a speaker sounds today where it is this likely that speaker's, and this long. */
const SURE = 0.9;
const MIN_LEARN_SECONDS = 1.5;

/** Two strangers in a row are told apart only with this much speech each, and this surely (log-odds of one voice). */
const MIN_STRANGER_SECONDS = 1;
const SPLIT_LOG_ODDS = -2;

/** What the evidence of a turn says. */
export interface Verdict {
  /** Null: nobody heard before, or nothing to tell by. */
  readonly voice: Voice | null;
  /** Cosine with `voice`, else with the best enrolled speaker. */
  readonly score: number;
  /** Standardised score of the same; 0 without either. */
  readonly standard: number;
  /** Probability that the label is right. */
  readonly probability: number;
  /** Log-odds that it is the best enrolled speaker, at even odds; -Infinity where nobody comes into question. */
  readonly knownLogOdds: number;
  readonly evidence: Evidence | null;
}

export interface JudgeOptions {
  readonly unknownPrior: number;
  readonly falseAcceptRate: number;
  /** A cosine in place of the rate. */
  readonly threshold: number | undefined;
}

interface Candidate {
  readonly voice: Voice;
  readonly cosine: number;
  readonly standard: number;
  readonly logOdds: number;
}

/**
 * Gives a turn to a voice by all that was heard of it. An enrolled name must be the likeliest answer, also
 * against the unknown voices heard before, and clear the score that strangers reach at the wanted rate.
 */
export class Judge {
  readonly #scorer: Scorer;
  readonly #people: VoiceSet;
  readonly #options: JudgeOptions;
  readonly #today = new Map<number, VoiceToday>();
  #acceptAt = 0;
  #acceptCount = -1;

  constructor(scorer: Scorer, people: VoiceSet, options: JudgeOptions) {
    this.#scorer = scorer;
    this.#people = people;
    this.#options = options;
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
        knownLogOdds: -Infinity,
        evidence: null,
      };
    }
    const evidence = this.#scorer.evidence(pooled.direction, seconds);
    const known = this.#best(this.#people.nearest(evidence.direction), evidence);
    const unknown = this.#best(
      [...this.#people.unknown()].filter(({ id }) => id !== except),
      evidence,
    );
    // A look-alike is no candidate.
    const fits = known !== undefined && this.#fits(known, seconds);
    const weights = this.#weights(fits ? known : undefined, unknown);
    const total = weights.known + weights.unknown + weights.novel;
    const knownLogOdds = fits ? known.logOdds : -Infinity;
    const tell = (choice: Candidate | undefined, probability: number): Verdict => ({
      voice: choice?.voice ?? null,
      score: Math.max(-1, Math.min(1, (choice ?? known)?.cosine ?? 0)),
      standard: (choice ?? known)?.standard ?? 0,
      probability,
      knownLogOdds,
      evidence,
    });
    // A cosine of the user's own is the last word on strangers whom nobody has heard yet.
    const likeliest =
      weights.known >= weights.unknown &&
      (weights.known >= weights.novel || this.#options.threshold !== undefined);
    const byHint = pooled.windows.length === 0 && hint !== NOVEL && known?.voice.id === hint;
    if (fits && (byHint || likeliest) && this.#accepts(known)) {
      return tell(known, weights.known / total);
    }
    const strange = (weights.unknown + weights.novel) / total;
    return unknown !== undefined && weights.unknown >= weights.novel
      ? tell(unknown, strange)
      : tell(undefined, strange);
  }

  /** Whether two strangers' turns in a row may be one person's: nothing says that they are two. */
  couldBeOne(a: Evidence | null, b: Evidence | null): boolean {
    if (a === null || b === null || Math.min(a.seconds, b.seconds) < MIN_STRANGER_SECONDS) return true;
    const standard = this.#scorer.standard(dot(a.direction, b.direction), a, b);
    return this.#scorer.logOdds(standard, a.seconds, b.seconds) > SPLIT_LOG_ODDS;
  }

  #fits({ voice, standard }: Candidate, seconds: number): boolean {
    return (
      this.#options.threshold !== undefined || (this.#today.get(voice.id)?.fits(standard, seconds) ?? true)
    );
  }

  /** A turn was settled. */
  learn({ voice, standard, probability, evidence }: Verdict): void {
    if (!voice?.known || evidence === null || probability < SURE || evidence.seconds < MIN_LEARN_SECONDS)
      return;
    let today = this.#today.get(voice.id);
    if (today === undefined) this.#today.set(voice.id, (today = new VoiceToday()));
    today.learn(standard, evidence.seconds);
  }

  #accepts({ cosine, standard }: Candidate): boolean {
    const { threshold, falseAcceptRate } = this.#options;
    if (threshold !== undefined) return cosine >= threshold;
    const count = this.#people.enrolled.length;
    if (count !== this.#acceptCount) {
      this.#acceptCount = count;
      this.#acceptAt = this.#scorer.acceptAt(falseAcceptRate, count);
    }
    return standard >= this.#acceptAt;
  }

  #best(voices: Iterable<Voice>, evidence: Evidence): Candidate | undefined {
    let best: Candidate | undefined;
    for (const voice of voices) {
      const cosine = dot(voice.centroid, evidence.direction);
      const standard = this.#scorer.standard(cosine, voice, evidence);
      const logOdds = this.#scorer.logOdds(standard, evidence.seconds, voice.seconds);
      if (best === undefined || logOdds > best.logOdds) best = { voice, cosine, standard, logOdds };
    }
    return best;
  }

  /** Prior times likelihood ratio of the best known, the best unknown voice, and somebody new. */
  #weights(
    known: Candidate | undefined,
    unknown: Candidate | undefined,
  ): Record<'known' | 'unknown' | 'novel', number> {
    const { unknownPrior } = this.#options;
    const forUnknown = this.#people.enrolled.length === 0 ? 1 : unknownPrior;
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
