import type { CorrectionEvent, FinalEvent, IdentifyEvent } from '../events/events.js';
import type { Turn } from './turns.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** A settled turn with the probability that its label is right. */
export interface ToldTurn extends Turn {
  readonly probability: number;
}

export interface EventTurnsOptions {
  /** Take the labels of later corrections, as an archive would; default false: as the finals said. */
  readonly corrected?: boolean;
  /** Add a turn for each stretch in which somebody else who can be told speaks at the same time; default false. */
  readonly others?: boolean;
  /** A turn for each stretch in which speech was heard, as diarization is scored; default false: whole turns. */
  readonly speech?: boolean;
}

/** The settled turns of a stream of events, in seconds. */
export function turnsOfEvents(
  events: readonly IdentifyEvent[],
  { corrected = false, others = false, speech = false }: EventTurnsOptions = {},
): ToldTurn[] {
  const last = new Map<number, FinalEvent | CorrectionEvent>();
  const finals = events.filter((event) => event.type === 'final');
  for (const event of corrected ? events : []) {
    if (event.type === 'correction') last.set(event.turn, event);
  }
  return finals.flatMap((final) => {
    const { speaker, probability } = last.get(final.turn) ?? final;
    const told = (speech ? final.speech : [final]).map((stretch) => ({ ...stretch, speaker }));
    const beside = others
      ? final.overlaps.map(({ other, ...stretch }) => ({ ...stretch, speaker: other }))
      : [];
    return [...told, ...beside].flatMap(({ startSample, endSample, speaker: label }) => {
      if (label === null) return [];
      const [startSeconds, endSeconds] = [startSample / SAMPLE_RATE_HZ, endSample / SAMPLE_RATE_HZ];
      return [{ startSeconds, endSeconds, speaker: label, probability }];
    });
  });
}
