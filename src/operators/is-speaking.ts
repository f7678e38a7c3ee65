import {
  concatMap,
  defer,
  EMPTY,
  isObservable,
  map,
  merge,
  Subject,
  takeUntil,
  tap,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../options.js';
import { isUnknownLabel } from '../events/events.js';
import { nameKey } from '../speakers/speaker-name.js';
import type { TurnEvent } from '../transcript/turn-book.js';
import { SpeakingGate, type SpeakingDecision } from './speaking-gate.js';

const nameSchema = z.object({
  name: z
    .string()
    .refine((name) => nameKey(name) !== '' && !isUnknownLabel(nameKey(name)), 'expected an enrolled name'),
});
const schema = z.strictObject({
  within: z.number().min(0.1).max(60),
  probability: z.number().min(0.5).max(1).default(0.9),
  heard: z
    .custom<Observable<number>>((value) => isObservable(value), 'expected an Observable of samples')
    .optional(),
});

export interface IsSpeakingOptions {
  /** Deadline: seconds of sound from the start of a turn, 0.1 to 60. */
  readonly within: number;
  /** Probability from which a decision does not wait for the deadline, 0.5 to 1; default 0.9. */
  readonly probability?: number | undefined;
  /**
   * How far the sound has come, samples at 16 kHz from its start, each time that more has: the deadline's time. Without it an
   * undecided turn whose deadline has passed is decided at the next event.
   */
  readonly heard?: Observable<number> | undefined;
}

/**
 * Events to "is this my user, now": for each turn one decision, as soon as it is sure and at the latest `within` seconds after the
 * turn began; at the deadline the likelier answer is given. A later event that changes the answer gives the next revision of it. A
 * turn that is first told after the deadline is decided then. Silence is not decided on. Time is the stream's, so that the same
 * events and positions give the same decisions.
 *
 * @param name of an enrolled speaker; case does not matter
 * @throws {WhospeaksError} `invalid-option`, at the call
 */
export function isSpeaking(
  name: string,
  options: IsSpeakingOptions,
): OperatorFunction<TurnEvent, SpeakingDecision> {
  parseOptions('isSpeaking', nameSchema, { name });
  const { heard = EMPTY, ...gated } = parseOptions('isSpeaking', schema, options);
  return (events) =>
    defer(() => {
      // Turns of one channel are decided apart from those of others.
      const gates = new Map<number | undefined, SpeakingGate>();
      const all = (): SpeakingGate[] => [...gates.values()];
      const gatesOf = (event: TurnEvent): SpeakingGate[] => {
        if (!('turn' in event) && event.type !== 'silence') return all();
        const { channel } = event;
        let gate = gates.get(channel);
        if (gate === undefined) gates.set(channel, (gate = new SpeakingGate(name, gated)));
        return [gate];
      };
      const over = new Subject<void>();
      return merge(
        heard.pipe(
          takeUntil(over),
          map((sample) => all().flatMap((gate) => gate.heard(sample))),
        ),
        events.pipe(
          map((event) => gatesOf(event).flatMap((gate) => gate.apply(event))),
          tap({
            complete: () => {
              over.next();
            },
          }),
        ),
      ).pipe(concatMap((decisions) => decisions));
    });
}
