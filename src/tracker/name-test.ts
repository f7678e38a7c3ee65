import { Impostors } from '../scoring/impostors.js';
import type { Scorer } from '../scoring/scorer.js';
import type { Evidence } from '../scoring/voice.js';
import { dot } from '../vectors.js';
import type { Roster, Speaker } from './roster.js';

export interface NameTestOptions {
  /** Default: that of `Impostors`. */
  readonly falseAcceptRate: number | undefined;
  /** A cosine in place of the rate. */
  readonly threshold: number | undefined;
}

/**
 * Whether a voice may have a name: all that was heard of it must score, with the profile and what a person assigned, what
 * `Impostors` says.
 */
export class NameTest {
  readonly #scorer: Scorer;
  readonly #roster: Roster;
  readonly #options: NameTestOptions;
  #enrolled: readonly Speaker[] | undefined;
  #impostors: Impostors | undefined;

  constructor(scorer: Scorer, roster: Roster, options: NameTestOptions) {
    this.#scorer = scorer;
    this.#roster = roster;
    this.#options = options;
  }

  /** @param evidence of the turn; it may be one of the speaker's own. */
  passes(evidence: Evidence, speaker: Speaker): boolean {
    const { voice } = speaker;
    const { threshold } = this.#options;
    if (threshold !== undefined) return dot(evidence.direction, voice.centroid) >= threshold;
    const { direction, seconds, isMore } = speaker.heardWith(evidence);
    const heard = isMore ? this.#scorer.evidence(direction, seconds) : evidence;
    const standard = this.#scorer.standard(dot(direction, voice.centroid), heard, voice);
    return standard >= this.#threshold(seconds);
  }

  #threshold(seconds: number): number {
    const { enrolled } = this.#roster;
    if (this.#impostors === undefined || enrolled !== this.#enrolled) {
      this.#enrolled = enrolled;
      const voices = enrolled.map(({ profile }) => profile!);
      this.#impostors = new Impostors(this.#scorer, voices, this.#options.falseAcceptRate);
    }
    return this.#impostors.threshold(seconds);
  }
}
