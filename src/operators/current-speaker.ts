import { concatMap, defer, EMPTY, of, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../options.js';
import { isUnknownLabel, UNKNOWN } from '../events/events.js';
import { TurnBook, type BookedTurn, type TurnEvent } from '../transcript/turn-book.js';

/** Who speaks now, until the next one is told. */
export interface CurrentSpeaker {
  /** An enrolled name, `unknown-1` …, `unknown`; null while nobody speaks. */
  readonly speaker: string | null;
  /** Whether `speaker` is an enrolled name. */
  readonly known: boolean;
  /** Since when, samples at 16 kHz from the start of the stream. */
  readonly startSample: number;
}

const schema = z.strictObject({ minProbability: z.number().min(0).max(1).default(0.5) });

/** `minProbability`: a guess below it does not replace who is told already; default 0.5. */
export type CurrentSpeakerOptions = z.input<typeof schema>;

/**
 * Events to "who is speaking now", for a name on a screen. It does not flicker: nothing is told twice; a guess that is
 * taken back, or less likely than `minProbability`, does not replace a name; a turn that has a name is `unknown` again
 * only once that is settled; between turns without a pause the last speaker stays. After a pause any guess is told. Of several
 * channels it is the speaker told last: for one of each, take the events of one channel.
 *
 * @throws {WhospeaksError} `invalid-option`, at the call
 */
export function currentSpeaker(
  options: CurrentSpeakerOptions = {},
): OperatorFunction<TurnEvent, CurrentSpeaker> {
  const { minProbability } = parseOptions('currentSpeaker', schema, options);
  return (events) =>
    defer(() => {
      // The turns before the current one are of no more use here.
      const book = new TurnBook(MAX_TURNS);
      let shown: CurrentSpeaker = { speaker: null, known: false, startSample: 0 };
      let turn = -1;
      const next = (event: TurnEvent): CurrentSpeaker => {
        book.apply(event);
        const { current } = book;
        // Of several channels, another one may go on.
        if (event.type === 'end' || (event.type === 'silence' && current === undefined))
          return {
            speaker: null,
            known: false,
            startSample: 'startSample' in event ? event.startSample : event.endSample,
          };
        if (event.type === 'correction' && event.turn === turn) return told(event);
        if (event.type === 'named' && event.label === shown.speaker)
          return { ...shown, speaker: event.speaker, known: !isUnknownLabel(event.speaker) };
        if (event.type === 'final' && event.turn === turn) return told(event);
        if (current === undefined || holds(current)) return shown;
        ({ turn } = current);
        return told(current);
      };
      const holds = (guess: BookedTurn): boolean =>
        shown.speaker !== null &&
        guess.speaker !== shown.speaker &&
        (guess.probability < minProbability || (guess.turn === turn && guess.speaker === UNKNOWN));
      return events.pipe(
        concatMap((event) => {
          const before = shown;
          shown = next(event);
          if (shown.speaker === before.speaker && shown.known === before.known) {
            shown = before;
            return EMPTY;
          }
          return of(shown);
        }),
      );
    });
}

const MAX_TURNS = 64;

function told({
  speaker,
  known,
  startSample,
}: Omit<CurrentSpeaker, 'speaker'> & { readonly speaker: string }): CurrentSpeaker {
  return { speaker, known, startSample };
}
