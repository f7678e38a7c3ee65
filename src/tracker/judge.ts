import type { Genuine, Scorer } from '../scoring/scorer.js';
import type { Evidence } from '../scoring/voice.js';
import { dot } from '../vectors.js';
import type { Pooled } from '../turns/evidence-pool.js';
import type { NameTest } from './name-test.js';
import type { Roster, Speaker } from './roster.js';
import { WHO } from './settings.js';
import type { StreamLevel } from './stream-level.js';
import type { Verdict, Weighed } from './weighed.js';

const NOTHING: Verdict = {
  voice: null,
  score: 0,
  probability: 0.5,
  voiceProbability: 0.5,
  knownLogOdds: -Infinity,
  evidence: null,
  nearest: null,
};

interface Candidate {
  readonly speaker: Speaker;
  readonly cosine: number;
  readonly standard: number;
  readonly logOdds: number;
  readonly genuine: Genuine;
}

export interface JudgeParts {
  readonly scorer: Scorer;
  readonly roster: Roster;
  readonly test: NameTest;
  readonly level: StreamLevel;
  /** Without, it is learnt. */
  readonly unknownPrior: number | undefined;
  /** A cosine decides alone about a voice that was not heard before. */
  readonly hasThreshold: boolean;
}

/**
 * Who speaks in a turn: the prior of each speaker, and of somebody new, times the likelihood ratio of all evidence of the turn
 * against somebody new. A name must pass the `NameTest` too.
 */
export class Judge {
  readonly #parts: JudgeParts;
  #heard = { strangers: 0, turns: 0 };

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  /** Prior that a turn is an unknown speaker's: posterior mean of a beta distribution, given the turns so far. */
  get unknownPrior(): number {
    const { length } = this.#parts.roster.enrolled;
    if (length === 0) return 1;
    if (this.#parts.unknownPrior !== undefined) return this.#parts.unknownPrior;
    const { strangers, turns } = this.#heard;
    const { priorTurns: few, leastPrior: least } = WHO;
    return Math.max(least, Math.min(1 - least, (few / (1 + length) + strangers) / (few + turns)));
  }

  /** How many turns were settled, and in how many of them, as far as is known, unknown speakers spoke. */
  learn(heard: { readonly strangers: number; readonly turns: number }): void {
    this.#heard = heard;
  }

  save(): { readonly strangers: number; readonly turns: number } {
    return this.#heard;
  }

  /** @param seconds net speech of the turn. */
  judge(pooled: Pooled | null, seconds: number): Verdict {
    return pooled === null ? NOTHING : this.weigh(this.#parts.scorer.evidence(pooled.direction, seconds));
  }

  /**
   * @param past the settled turn that it is the evidence of: it counts as not heard.
   */
  weigh(evidence: Evidence, past?: Weighed): Verdict {
    const known = this.#best(this.#parts.roster.candidates(evidence.direction), evidence, past);
    const stranger = this.#best(this.#parts.roster.strangers, evidence, past);
    const weights = this.#weights(known, stranger);
    const total = weights.known + weights.stranger + weights.novel;
    const isLikeliest =
      weights.known >= weights.stranger && (weights.known >= weights.novel || this.#parts.hasThreshold);
    const isNamed = known !== undefined && isLikeliest && this.#parts.test.passes(evidence, known.speaker);
    const choice = isNamed
      ? known
      : stranger !== undefined && weights.stranger >= weights.novel
        ? stranger
        : undefined;
    const weight = isNamed ? weights.known : choice === undefined ? weights.novel : weights.stranger;
    return {
      voice: choice?.speaker.voice ?? null,
      score: Math.max(-1, Math.min(1, (choice ?? known)?.cosine ?? 0)),
      probability: (isNamed ? weights.known : weights.stranger + weights.novel) / total,
      voiceProbability: weight / total,
      knownLogOdds: known?.logOdds ?? -Infinity,
      evidence,
      nearest:
        known === undefined
          ? null
          : {
              id: known.speaker.id,
              away: known.standard - known.genuine.mean,
              variance: known.genuine.variance,
              probability: weights.known / total,
            },
    };
  }

  /** Whether two turns in a row may be one person's: nothing says that they are two. */
  couldBeOne(a: Evidence | null, b: Evidence | null): boolean {
    if (a === null || b === null || Math.min(a.seconds, b.seconds) < WHO.comparedSeconds) return true;
    const standard = this.#parts.scorer.standard(dot(a.direction, b.direction), a, b);
    return (
      this.#parts.scorer.logOdds(standard, this.#parts.scorer.genuine(a.seconds, b.seconds)) >
      WHO.splitLogOdds
    );
  }

  #best(speakers: Iterable<Speaker>, evidence: Evidence, past: Weighed | undefined): Candidate | undefined {
    let best: Candidate | undefined;
    for (const speaker of speakers) {
      const candidate = this.#candidate(speaker, evidence, past);
      if (candidate !== null && (best === undefined || isBetter(candidate, best))) best = candidate;
    }
    return best;
  }

  #candidate(speaker: Speaker, evidence: Evidence, past: Weighed | undefined): Candidate | null {
    const near = speaker.nearness(evidence.direction, past);
    if (near === null) return null;
    const { cosine, seconds } = near;
    const { scorer, level } = this.#parts;
    const standard = scorer.standard(cosine, speaker.voice, evidence);
    const genuine = scorer.genuine(evidence.seconds, seconds);
    const logOdds = scorer.logOdds(standard, genuine, speaker.known ? level.of(speaker.id, past) : undefined);
    return { speaker, cosine, standard, logOdds, genuine };
  }

  /** Prior times likelihood ratio of the best enrolled, the best unknown, and a new speaker. */
  #weights(
    known: Candidate | undefined,
    stranger: Candidate | undefined,
  ): Record<'known' | 'stranger' | 'novel', number> {
    const forUnknown = this.unknownPrior;
    const ratio = (candidate: Candidate | undefined): number =>
      candidate === undefined ? 0 : Math.exp(Math.min(50, candidate.logOdds));
    const strangers = this.#parts.roster.strangers.length;
    return {
      known: ((1 - forUnknown) * ratio(known)) / Math.max(1, this.#parts.roster.enrolled.length),
      stranger: (forUnknown * (1 - WHO.novelShare) * ratio(stranger)) / Math.max(1, strangers),
      novel: strangers === 0 ? forUnknown : forUnknown * WHO.novelShare,
    };
  }
}

/** Log-odds are bounded: of two that are sure, the higher score. */
function isBetter(a: Candidate, b: Candidate): boolean {
  return a.logOdds === b.logOdds ? a.standard > b.standard : a.logOdds > b.logOdds;
}
