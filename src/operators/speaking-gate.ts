import { SAMPLE_RATE_HZ } from '../stream/geometry.js';
import { nameKey } from '../speakers/speaker-name.js';
import type { TurnEvent } from '../transcript/turn-book.js';

/** Whether one turn is the speaker's who was asked for. */
export interface SpeakingDecision {
  /** Number of the turn, as in the events. */
  readonly turn: number;
  /** 0 for the decision, then 1, 2 … where a later event changed it; a later revision replaces the earlier. */
  readonly revision: number;
  readonly is: boolean;
  /** Probability that `is` is right; where another label is believed, at least this. */
  readonly probability: number;
  /** The label of the turn that is believed: an enrolled name, `unknown-1` …, `unknown`. */
  readonly speaker: string;
  /** Where the turn is estimated to begin, samples at 16 kHz. */
  readonly startSample: number;
  /** How far into the stream the decision was made, samples at 16 kHz. */
  readonly atSample: number;
  /**
   * Of the first revision: `sure`, the probability was high enough; `deadline`, the time was up; `end`, the turn was settled
   * before both.
   */
  readonly decidedBy: 'sure' | 'deadline' | 'end';
}

type Belief = Pick<SpeakingDecision, 'is' | 'probability' | 'speaker'>;

/** A turn that is not settled. */
interface OpenTurn {
  readonly startSample: number;
  belief: Belief;
  decision?: SpeakingDecision | undefined;
  /** An event of an earlier turn withdrew this one, and it has not been told again: it may be part of that turn. */
  withdrawn?: { readonly atSample: number; readonly by: Belief };
}

/** Settled turns that can still be corrected. */
const MAX_TURNS = 20_000;

/**
 * Events in, decisions out: one for each turn, and revisions of it. A belief is told again only where it is news, so that the time
 * that passes between two events is told apart, by `heard`. Pure: no clock, no I/O. The state is bounded.
 */
export class SpeakingGate {
  readonly #key: string;
  readonly #withinSamples: number;
  readonly #sureProbability: number;
  readonly #open = new Map<number, OpenTurn>();
  readonly #settled = new Map<number, SpeakingDecision>();
  /** The last revision of each number that is not settled: one that is withdrawn and used again counts on. */
  readonly #revisions = new Map<number, number>();
  /** Of the turn settled last. */
  #lastBelief: Belief | undefined;
  /** Where the session begins, in the sound given to the client. */
  #firstSample = 0;

  /** @param options.within seconds from the start of a turn; `probability`: from which nothing is waited for. */
  constructor(
    name: string,
    { within, probability }: { readonly within: number; readonly probability: number },
  ) {
    this.#key = nameKey(name);
    this.#withinSamples = within * SAMPLE_RATE_HZ;
    this.#sureProbability = probability;
  }

  apply(event: TurnEvent): SpeakingDecision[] {
    switch (event.type) {
      case 'tentative':
        return this.#tentative(event);
      case 'final':
        return this.#final(event);
      case 'correction':
        return this.#correct(event);
      case 'silence':
        return this.#close(event.atSample);
      case 'end':
        return this.#close(event.endSample);
      case 'restarted':
        this.#restart(event.offsetSeconds);
        return [];
      default:
        return [];
    }
  }

  /** The sound was heard up to `sample`, whether or not there are events. */
  heard(sample: number): SpeakingDecision[] {
    return this.#pass(sample - this.#firstSample);
  }

  #tentative(event: Extract<TurnEvent, { type: 'tentative' }>): SpeakingDecision[] {
    const { turn, startSample, atSample } = event;
    const belief = this.#beliefOf(event);
    for (const [number, later] of this.#open) {
      if (number > turn) later.withdrawn ??= { atSample, by: belief };
    }
    this.#open.set(turn, { startSample, belief, decision: this.#open.get(turn)?.decision });
    return this.#pass(atSample);
  }

  #final(event: Extract<TurnEvent, { type: 'final' }>): SpeakingDecision[] {
    const { turn: number, startSample, atSample } = event;
    const belief = this.#beliefOf(event);
    const turn: OpenTurn = { startSample, belief, decision: this.#open.get(number)?.decision };
    const told = this.#decide(number, turn, atSample, true);
    this.#open.delete(number);
    this.#revisions.delete(number);
    this.#lastBelief = belief;
    this.#settled.set(number, turn.decision!);
    if (this.#settled.size > MAX_TURNS) this.#settled.delete(this.#settled.keys().next().value!);
    return [...told, ...this.#pass(atSample)];
  }

  #correct(event: Extract<TurnEvent, { type: 'correction' }>): SpeakingDecision[] {
    const decision = this.#settled.get(event.turn);
    const belief = this.#beliefOf(event);
    if (decision === undefined || decision.is === belief.is) return [];
    const { startSample, atSample } = event;
    const revised = { ...decision, ...belief, startSample, atSample, revision: decision.revision + 1 };
    this.#settled.set(event.turn, revised);
    return [revised];
  }

  #pass(atSample: number): SpeakingDecision[] {
    return [...this.#open].flatMap(([number, turn]) => {
      if (turn.withdrawn === undefined) return this.#decide(number, turn, atSample);
      // Those that stand are told again at the same sample.
      return turn.withdrawn.atSample < atSample ? this.#absorb(number, turn.withdrawn.by, atSample) : [];
    });
  }

  /** Nobody speaks: all turns that are turns are settled, and the others became parts of them. */
  #close(atSample: number): SpeakingDecision[] {
    return [...this.#open].flatMap(([number, { withdrawn, belief }]) =>
      this.#absorb(number, withdrawn?.by ?? this.#lastBelief ?? belief, atSample),
    );
  }

  /** A turn is none, but part of another: what was decided of it is what is believed of that one. */
  #absorb(number: number, belief: Belief, atSample: number): SpeakingDecision[] {
    const turn = this.#open.get(number)!;
    this.#open.delete(number);
    return turn.decision === undefined ? [] : this.#decide(number, { ...turn, belief }, atSample);
  }

  #decide(number: number, turn: OpenTurn, atSample: number, isOver = false): SpeakingDecision[] {
    const { belief, decision, startSample } = turn;
    const decidedBy = decision?.decidedBy ?? this.#reason(turn, atSample, isOver);
    if (decidedBy === undefined || decision?.is === belief.is) return [];
    const revision = (this.#revisions.get(number) ?? -1) + 1;
    this.#revisions.set(number, revision);
    turn.decision = { turn: number, revision, ...belief, startSample, atSample, decidedBy };
    return [turn.decision];
  }

  #reason(
    { belief, startSample }: OpenTurn,
    atSample: number,
    isOver: boolean,
  ): SpeakingDecision['decidedBy'] | undefined {
    if (belief.probability >= this.#sureProbability) return 'sure';
    if (atSample >= startSample + this.#withinSamples) return 'deadline';
    return isOver ? 'end' : undefined;
  }

  #beliefOf({ speaker, probability }: { readonly speaker: string; readonly probability: number }): Belief {
    const isName = nameKey(speaker) === this.#key;
    const is = isName && probability >= 0.5;
    return { is, probability: isName && !is ? 1 - probability : probability, speaker };
  }

  /** Turns are numbered anew; what the session before left undecided stays so. */
  #restart(offsetSeconds: number): void {
    this.#open.clear();
    this.#settled.clear();
    this.#revisions.clear();
    this.#firstSample = Math.round(offsetSeconds * SAMPLE_RATE_HZ);
  }
}
