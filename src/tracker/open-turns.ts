import { SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../stream/types.js';
import { afterTail } from '../turns/change-points.js';
import type { Cohort } from '../scoring/cohort.js';
import type { EvidencePool } from '../turns/evidence-pool.js';
import type { Judge } from './judge.js';
import { settled, type OpenTurn } from './open-turn.js';
import type { SpeechTrack } from '../fbank/speech-track.js';
import { spansOf, type Span } from '../turns/spans.js';
import type { TurnSearch } from '../turns/turn-search.js';
import { NOVEL } from '../scoring/voice.js';

/** Speech that a turn needs to be judged. */
const MIN_SECONDS = 0.1;

interface Sources {
  readonly track: SpeechTrack;
  readonly search: TurnSearch;
  readonly pool: EvidencePool;
  readonly judge: Judge;
  readonly cohort: Cohort | null;
  readonly minTurnSamples: number;
}

/** What is not settled, as turns: boundaries from the search, speakers from the judge. Stateless. */
export class OpenTurns {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /**
   * The most probable turns after what is settled up to `end`, consecutive turns of one voice joined.
   * @param heardTo end of the last embedded window.
   */
  between(settledTo: number, heardTo: number, end: number): OpenTurn[] {
    const turns: OpenTurn[] = [];
    for (const span of this.#spans(settledTo, heardTo, end)) {
      const turn = this.#judged(span);
      const before = turns.at(-1);
      if (before !== undefined && this.#areOne(before, turn)) {
        turns[turns.length - 1] = this.#judged({ ...before.span, endSample: span.endSample });
      } else turns.push(turn);
    }
    return turns.map(settled);
  }

  /** The turn that a span would be. */
  of(span: Span): OpenTurn {
    return settled(this.#judged(span));
  }

  /**
   * Whether two consecutive turns of one voice, or of none, can come from one speaker. Speech from a moment
   * ago in the same room separates an impostor better than a profile does. If an impostor's turn joined the
   * speaker's, it would get the name and teach the wrong voice.
   */
  #areOne(a: OpenTurn, b: OpenTurn): boolean {
    return (
      a.verdict.voice === b.verdict.voice &&
      this.#sources.judge.couldBeOne(a.verdict.evidence, b.verdict.evidence)
    );
  }

  #judged(span: Span): OpenTurn {
    const { startSample, endSample } = span;
    const { track, pool, judge, cohort } = this.#sources;
    const pooled = pool.pooled(startSample, endSample);
    const seconds = (track.speechFrames(startSample, endSample) * SHIFT_SAMPLES) / SAMPLE_RATE_HZ;
    const verdict = judge.judge(pooled, Math.max(MIN_SECONDS, seconds));
    const stats = verdict.evidence?.stats;
    const sureShare = track.sureShare(startSample, endSample);
    const voiceRank = (stats && cohort?.rank(stats)) ?? null;
    return { span, pooled, seconds, sureShare, voiceRank, verdict };
  }

  /** Speech without a window has no speaker. */
  #spans(settledTo: number, heardTo: number, end: number): Span[] {
    if (heardTo <= settledTo) return [{ label: NOVEL, startSample: settledTo, endSample: end }];
    const { track, search, minTurnSamples } = this.#sources;
    const spans = spansOf(search.best(), settledTo, end, minTurnSamples);
    const starts = spans.map(({ startSample, endSample }, i) =>
      i === 0 ? startSample : afterTail(track, startSample, endSample),
    );
    return spans.map((span, i) => ({ ...span, startSample: starts[i]!, endSample: starts[i + 1] ?? end }));
  }
}
