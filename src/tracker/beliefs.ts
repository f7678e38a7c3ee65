import { SAMPLE_RATE_HZ } from '../stream/types.js';
import { UNKNOWN, type FinalEvent, type IdentifyEvent, type SpeechStretch } from '../events/events.js';
import { isNewVoice, type OpenTurn } from './open-turn.js';
import { isMixed, othersOf, overlapOf, type Neighbours, type Overlap } from '../turns/overlap.js';
import type { OverlapTrack } from '../turns/overlap-track.js';
import type { Judge } from './judge.js';
import type { SpeechTrack } from '../fbank/speech-track.js';
import { toldSpan } from '../turns/told-span.js';
import type { Belief } from '../turns/turn-teller.js';
import { WHO } from './settings.js';
import type { Roster } from './roster.js';

/** What is reported of a turn, and its overlap. */
export interface Believed {
  readonly belief: Belief;
  readonly overlap: Overlap;
}

/** The turns beside one that is not settled, as far as they are not either. */
interface Beside {
  readonly before?: OpenTurn | undefined;
  readonly after?: OpenTurn | undefined;
}

interface Sources {
  readonly track: SpeechTrack;
  readonly overlaps: OverlapTrack;
  readonly people: Roster;
  readonly judge: Judge;
  /** Which of several, from 0. */
  readonly channel: number;
}

type SettledTurn = Pick<FinalEvent, 'turn' | 'speaker' | 'startSample' | 'endSample'>;

/** Decides what an open turn reports: its span, its speaker, and a second speaker. */
export class Beliefs {
  readonly #sources: Sources;
  #settled: SettledTurn | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** The turn before those that are asked for from now on. */
  settle({ turn, speaker, startSample, endSample }: SettledTurn): void {
    this.#settled = { turn, speaker, startSample, endSample };
  }

  save(): SettledTurn | undefined {
    return this.#settled;
  }

  load(state: SettledTurn | undefined): void {
    this.#settled = state;
  }

  /** A later correction may have changed the label of that turn. */
  correct(events: readonly IdentifyEvent[]): void {
    for (const event of events) {
      if (event.type === 'correction' && event.turn === this.#settled?.turn) this.settle(event);
    }
  }

  /** Of the first turn that is not settled, now that it is whole; `after` follows it. */
  of(turn: OpenTurn, after: OpenTurn | undefined): Believed {
    this.#sources.people.labels.release(this.#sources.channel);
    const believed = this.#believed(turn, { after });
    this.#sources.people.labels.release(this.#sources.channel);
    return believed;
  }

  /** All open turns. Overlap is reported where a turn has it at its end, as far as known. */
  soFar(turns: readonly OpenTurn[], heardTo: number): Belief[] {
    this.#sources.people.labels.release(this.#sources.channel);
    return turns.map((turn, i) => {
      const beside = { before: turns[i - 1], after: turns[i + 1] };
      const { belief, overlap } = this.#believed(turn, beside);
      const end = Math.min(belief.endSample, heardTo);
      const last = overlap.stretches.filter(
        ({ endSample }) => endSample >= end - WHO.overlapEndSeconds * SAMPLE_RATE_HZ,
      );
      return { ...belief, overlap: last.length > 0, others: othersOf(last) };
    });
  }

  #believed(turn: OpenTurn, beside: Beside): Believed {
    const span = toldSpan(this.#sources.track, turn.span);
    const heard = this.#sources.overlaps.within(span.startSample, span.endSample);
    const overlap = overlapOf(turn.verdict, span, heard, this.#neighbours(beside), this.#sources.people);
    const speaker = this.#speaker(turn, overlap);
    return { belief: belief(turn, speaker, span, overlap), overlap };
  }

  #speaker(turn: OpenTurn, overlap: Overlap): string {
    const { voice, evidence } = turn.verdict;
    if (voice !== null) return voice.label;
    // Of two at once no voice is founded, so none has a label.
    if (evidence === null || isMixed(overlap)) return UNKNOWN;
    if (!isNewVoice(turn) || turn.seconds < WHO.labelSeconds) return UNKNOWN;
    const { labels } = this.#sources.people;
    const same = labels.newVoices.find((other) => this.#sources.judge.couldBeOne(other.evidence, evidence));
    const label = same?.label ?? labels.next();
    labels.reserve(this.#sources.channel, { evidence, label });
    return label;
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

function belief(
  { verdict }: OpenTurn,
  speaker: string,
  span: SpeechStretch,
  { stretches, share }: Overlap,
): Belief {
  const { voice, score, probability } = verdict;
  return {
    ...span,
    speaker,
    known: voice?.known ?? false,
    score,
    // Two voices at once are worth less than one.
    probability: probability * (1 - share / 2),
    overlap: stretches.length > 0,
    others: othersOf(stretches),
  };
}
