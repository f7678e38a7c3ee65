import { SAMPLE_RATE_HZ } from '../stream/types.js';
import { UNKNOWN, type FinalEvent, type IdentifyEvent, type SpeechStretch } from './events.js';
import { isNewVoice, type OpenTurn } from './open-turn.js';
import { isMixed, othersOf, overlapOf, type Neighbours, type Overlap } from './overlap.js';
import type { OverlapTrack } from './overlap-track.js';
import type { SpeechTrack } from './speech-track.js';
import { toldSpan } from './told-span.js';
import type { Belief } from './turn-teller.js';
import { UnknownVoices } from './unknown-voices.js';
import type { VoiceSet } from './voice-set.js';

/** Two voices are heard at the end of a turn where they were until so short a time before. */
const END_SAMPLES = 0.5 * SAMPLE_RATE_HZ;

/** What is told of a turn, and where in it two voices are heard. */
export interface Believed {
  readonly belief: Belief;
  readonly overlap: Overlap;
}

/** The turns beside one that is not settled, as far as they are not either. */
export interface Beside {
  readonly before?: OpenTurn | undefined;
  readonly after?: OpenTurn | undefined;
}

type SettledTurn = Pick<FinalEvent, 'turn' | 'speaker' | 'startSample' | 'endSample'>;

/** Says of an open turn what is to be told: its place, its speaker, and who speaks at the same time. */
export class Beliefs {
  readonly #track: SpeechTrack;
  readonly #overlaps: OverlapTrack;
  readonly #people: VoiceSet;
  readonly #strangers: UnknownVoices;
  #settled: SettledTurn | undefined;

  constructor(track: SpeechTrack, overlaps: OverlapTrack, people: VoiceSet, strangers: UnknownVoices) {
    this.#track = track;
    this.#overlaps = overlaps;
    this.#people = people;
    this.#strangers = strangers;
  }

  /** The turn before those that are asked for from now on. */
  settle({ turn, speaker, startSample, endSample }: SettledTurn): void {
    this.#settled = { turn, speaker, startSample, endSample };
  }

  /** What was told of that turn may have been corrected since. */
  correct(events: readonly IdentifyEvent[]): void {
    for (const event of events) {
      if (event.type === 'correction' && event.turn === this.#settled?.turn) this.settle(event);
    }
  }

  /** Of a whole turn. */
  of(turn: OpenTurn, beside: Beside): Believed {
    const span = toldSpan(this.#track, turn.span);
    const heard = this.#overlaps.within(span.startSample, span.endSample);
    const overlap = overlapOf(turn.verdict, span, heard, this.#neighbours(beside), this.#people);
    return { belief: this.#belief(turn, span, overlap), overlap };
  }

  /** Of a turn that is not settled: two voices are told where they are heard at its end, as far as that is known. */
  soFar(turn: OpenTurn, beside: Beside, heardTo: number): Belief {
    const { belief, overlap } = this.of(turn, beside);
    const end = Math.min(belief.endSample, heardTo);
    const last = overlap.stretches.filter(({ endSample }) => endSample >= end - END_SAMPLES);
    return { ...belief, overlap: last.length > 0, others: othersOf(last) };
  }

  #belief(turn: OpenTurn, span: SpeechStretch, overlap: Overlap): Belief {
    const { stretches, share } = overlap;
    const { voice, score, probability } = turn.verdict;
    return {
      ...span,
      speaker: this.#speaker(turn, overlap),
      known: voice?.known ?? false,
      score,
      // Two voices at once are worth less than one.
      probability: probability * (1 - share / 2),
      overlap: stretches.length > 0,
      others: othersOf(stretches),
    };
  }

  #speaker(turn: OpenTurn, overlap: Overlap): string {
    const { voice, evidence } = turn.verdict;
    if (voice !== null) return voice.label;
    // Of two at once no voice is founded, so none has a label.
    const isOne = evidence !== null && !isMixed(overlap);
    const isNew = isOne && isNewVoice(turn) && UnknownVoices.isEnough(turn.seconds);
    return isNew ? this.#strangers.nextLabel : UNKNOWN;
  }

  #neighbours({ before, after }: Beside): Neighbours {
    const neighbour = (turn: OpenTurn) => ({
      ...turn.span,
      speaker: turn.verdict.voice?.label ?? UNKNOWN,
    });
    return {
      before: before === undefined ? this.#settled : neighbour(before),
      after: after && neighbour(after),
    };
  }
}
