import { concatMap, defer, EMPTY, of, type OperatorFunction } from 'rxjs';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';
import type { SpeechStretch } from '../events/events.js';
import type { TurnEvent } from '../transcript/turn-book.js';

/** How long one speaker has talked. */
export interface TalkTime {
  readonly speaker: string;
  /** Speech in settled turns, without pauses of 0.3 s and more. */
  readonly seconds: number;
  /** Of all speech, 0 to 1. */
  readonly share: number;
  readonly turns: number;
}

interface Counted {
  speaker: string;
  readonly seconds: number;
}

/** Turns that can still be corrected; older ones are kept as sums alone. */
const MAX_TURNS = 20_000;

/** Events to talk time per speaker, the longest first: told anew when a turn is settled or corrected. */
export function talkTime(): OperatorFunction<TurnEvent, readonly TalkTime[]> {
  return (events) =>
    defer(() => {
      const sums = new Map<string, { seconds: number; turns: number }>();
      const counted = new Map<number, Counted>();
      const add = ({ speaker, seconds }: Counted, turns: 1 | -1): void => {
        const sum = sums.get(speaker) ?? { seconds: 0, turns: 0 };
        sum.seconds += turns * seconds;
        sum.turns += turns;
        if (sum.turns > 0) sums.set(speaker, sum);
        else sums.delete(speaker);
      };
      /** Of sessions before this one, turns have the same numbers. */
      const settle = (event: TurnEvent): boolean => {
        if (event.type === 'restarted') counted.clear();
        if (event.type === 'final') {
          const turn = { speaker: event.speaker, seconds: secondsOf(event.speech) };
          counted.set(event.turn, turn);
          add(turn, 1);
          if (counted.size > MAX_TURNS) counted.delete(counted.keys().next().value!);
          return true;
        }
        const turn = event.type === 'correction' ? counted.get(event.turn) : undefined;
        if (event.type !== 'correction' || turn === undefined) return false;
        add(turn, -1);
        turn.speaker = event.speaker;
        add(turn, 1);
        return true;
      };
      return events.pipe(concatMap((event) => (settle(event) ? of(listed(sums)) : EMPTY)));
    });
}

function secondsOf(speech: readonly SpeechStretch[]): number {
  return (
    speech.reduce((sum, { startSample, endSample }) => sum + endSample - startSample, 0) / SAMPLE_RATE_HZ
  );
}

function listed(sums: ReadonlyMap<string, { readonly seconds: number; readonly turns: number }>): TalkTime[] {
  const all = [...sums.values()].reduce((sum, { seconds }) => sum + seconds, 0);
  return [...sums]
    .map(([speaker, { seconds, turns }]) => ({ speaker, seconds, share: all > 0 ? seconds / all : 0, turns }))
    .sort((a, b) => b.seconds - a.seconds);
}
