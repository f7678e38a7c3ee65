import { upperQuantile } from '../scoring/normal-tail.js';
import { amountOf, DEFAULT_FALSE_ACCEPT_RATE, DEFAULT_RATE_OF_ONE, type Scorer } from '../scoring/scorer.js';
import type { Evidence } from '../scoring/voice.js';
import { dot } from '../vectors.js';
import type { Roster, Speaker } from './roster.js';
import { IMPOSTOR } from './settings.js';

export interface NameTestOptions {
  /** Without: `DEFAULT_FALSE_ACCEPT_RATE`, and for any one speaker `DEFAULT_RATE_OF_ONE`. */
  readonly falseAcceptRate: number | undefined;
  /** A cosine in place of the rate. */
  readonly threshold: number | undefined;
}

/**
 * Whether a voice may have a name. All that was heard of it must score higher with the profile, as it was enrolled, than the best
 * of as many impostors as speakers are enrolled, but for the share of cases that was asked for.
 */
export class NameTest {
  readonly #scorer: Scorer;
  readonly #roster: Roster;
  readonly #options: NameTestOptions;
  #enrolled: readonly Speaker[] = [];
  /** Of scores at one window: what so many of the best impostors of all do not reach. */
  #at = 0;

  constructor(scorer: Scorer, roster: Roster, options: NameTestOptions) {
    this.#scorer = scorer;
    this.#roster = roster;
    this.#options = options;
  }

  /** @param evidence of the turn; it may be one of the speaker's own. */
  passes(evidence: Evidence, speaker: Speaker): boolean {
    const profile = speaker.profile!;
    const { threshold } = this.#options;
    if (threshold !== undefined) return dot(evidence.direction, profile.centroid) >= threshold;
    const { direction, seconds, isMore } = speaker.heardWith(evidence);
    const heard = isMore ? this.#scorer.evidence(direction, seconds) : evidence;
    const standard = this.#scorer.standard(dot(direction, profile.centroid), heard, profile);
    const at = this.#threshold() + IMPOSTOR.growth * amountOf(seconds);
    return standard >= (isMore ? at - IMPOSTOR.slack : at);
  }

  #threshold(): number {
    const { enrolled } = this.#roster;
    if (enrolled !== this.#enrolled) {
      this.#enrolled = enrolled;
      const { mean, deviation } = this.#impostors(enrolled.slice(0, IMPOSTOR.compared));
      this.#at = mean + deviation * this.#tail(enrolled.length);
    }
    return this.#at;
  }

  /** Deviations above the mean that the best of so many impostors exceeds at the rate. */
  #tail(count: number): number {
    const ofAll = (rate: number): number => upperQuantile(1 - (1 - rate) ** (1 / count));
    const { falseAcceptRate } = this.#options;
    if (falseAcceptRate !== undefined) return ofAll(falseAcceptRate);
    return Math.max(ofAll(DEFAULT_FALSE_ACCEPT_RATE), upperQuantile(DEFAULT_RATE_OF_ONE));
  }

  /**
   * Scores at one window of speech. Those who are enrolled are strangers to each other: how alike they are says how alike
   * impostors will be, for people of one language, sex or microphone are more alike than others. Posterior mean and deviation,
   * where the default counts as some pairs.
   */
  #impostors(enrolled: readonly Speaker[]): { mean: number; deviation: number } {
    const scores = enrolled.flatMap(({ profile: a }, i) =>
      enrolled.slice(0, i).map(({ profile: b }) => {
        const standard = this.#scorer.standard(dot(a!.centroid, b!.centroid), a!, b!);
        return standard - IMPOSTOR.growth * amountOf(Math.min(a!.seconds, b!.seconds));
      }),
    );
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    const count = IMPOSTOR.pairs + scores.length;
    const mean = (IMPOSTOR.pairs * IMPOSTOR.mean + sum(scores)) / count;
    const prior = IMPOSTOR.pairs * (IMPOSTOR.deviation ** 2 + (IMPOSTOR.mean - mean) ** 2);
    return { mean, deviation: Math.sqrt((prior + sum(scores.map((score) => (score - mean) ** 2))) / count) };
  }
}
