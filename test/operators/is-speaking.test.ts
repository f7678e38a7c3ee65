import { concat, from, lastValueFrom, NEVER, of, Subject, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  isSpeaking,
  type IdentifyEvent,
  type IsSpeakingOptions,
  type SpeakingDecision,
  type TurnEvent,
} from '../../src/index.js';
import { correctionOf, finalOf, tentativeOf } from '../events/build.js';

const SECOND = 16_000;

/** Turn n begins at 10 n seconds. */
type Args = [turn: number, revision: number, atSeconds: number, speaker: string, probability: number];
const told = (...[turn, revision, end, speaker, probability]: Args) => ({
  ...{ turn, revision, start: 10 * turn, end, speaker, probability },
});
const guess = (...args: Args) => tentativeOf(told(...args));
const settled = (...args: Args) => finalOf(told(...args));
const corrected = (...args: Args) => correctionOf(told(...args), 'bob');
const silence = (seconds: number): IdentifyEvent => ({
  type: 'silence',
  startSample: seconds * SECOND,
  atSample: seconds * SECOND,
});

type Short = [turn: number, revision: number, is: boolean, decidedBy: string, atSeconds: number];
const short = ({ turn, revision, is, decidedBy, atSample }: SpeakingDecision): Short => [
  turn,
  revision,
  is,
  decidedBy,
  atSample / SECOND,
];

const decided = async (
  events: readonly TurnEvent[],
  options: Partial<IsSpeakingOptions> = {},
): Promise<SpeakingDecision[]> =>
  lastValueFrom(from(events).pipe(isSpeaking('alice', { within: 2, ...options }), toArray()));

describe('isSpeaking', () => {
  it('decides a turn once, as soon as it is sure either way', async () => {
    const decisions = await decided([
      guess(0, 0, 0.5, 'alice', 0.95),
      guess(0, 1, 1, 'alice', 0.99),
      settled(0, 2, 4, 'alice', 0.99),
      guess(1, 0, 10.5, 'unknown-1', 0.92),
      settled(1, 1, 14, 'unknown-1', 0.92),
    ]);
    expect(decisions).toEqual([
      {
        turn: 0,
        revision: 0,
        is: true,
        probability: 0.95,
        speaker: 'alice',
        startSample: 0,
        atSample: 0.5 * SECOND,
        decidedBy: 'sure',
      },
      {
        turn: 1,
        revision: 0,
        is: false,
        probability: 0.92,
        speaker: 'unknown-1',
        startSample: 10 * SECOND,
        atSample: 10.5 * SECOND,
        decidedBy: 'sure',
      },
    ]);
  });

  it('gives the likelier answer at the deadline, when the sound has come to it and no event does', () => {
    const events = new Subject<TurnEvent>();
    const heard = new Subject<number>();
    const decisions: SpeakingDecision[] = [];
    events.pipe(isSpeaking('alice', { within: 0.8, heard })).subscribe((one) => decisions.push(one));
    heard.next(0.5 * SECOND);
    events.next(guess(0, 0, 0.5, 'alice', 0.6));
    heard.next(0.7 * SECOND);
    expect(decisions).toEqual([]);
    heard.next(0.8 * SECOND);
    heard.next(0.9 * SECOND);
    events.next(settled(0, 1, 4, 'alice', 0.9));
    events.next(guess(1, 0, 10.5, 'bob', 0.4));
    heard.next(10.8 * SECOND);
    expect(decisions.map(short)).toEqual([
      [0, 0, true, 'deadline', 0.8],
      [1, 0, false, 'deadline', 10.8],
    ]);
  });

  it('calls a guess that is more likely wrong than right a no, and says how sure that is', async () => {
    const [decision] = await decided([settled(0, 0, 3, 'alice', 0.3)]);
    expect(decision).toMatchObject({ is: false, probability: 0.7, speaker: 'alice' });
  });

  it('decides at the next event without positions, and at once what is first told after the deadline', async () => {
    const late = await decided([guess(0, 0, 1, 'alice', 0.6), guess(0, 1, 3, 'alice', 0.85)]);
    expect(late.map(short)).toEqual([[0, 0, true, 'deadline', 3]]);
    const beside = await decided([guess(1, 0, 11, 'alice', 0.6), settled(0, 0, 12, 'bob', 0.95)]);
    expect(beside.map(short)).toEqual([
      [0, 0, false, 'sure', 12],
      [1, 0, true, 'deadline', 12],
    ]);
    const first = await decided([guess(0, 0, 2.5, 'bob', 0.6)]);
    expect(first.map(short)).toEqual([[0, 0, false, 'deadline', 2.5]]);
  });

  it('decides a turn that is settled before the deadline', async () => {
    const decisions = await decided([
      guess(0, 0, 1, 'alice', 0.6),
      settled(0, 1, 1.5, 'alice', 0.7),
      silence(1.5),
    ]);
    expect(decisions.map(short)).toEqual([[0, 0, true, 'end', 1.5]]);
  });

  it('revises a decision that a later guess, the final or a correction changes, and no other', async () => {
    const decisions = await decided([
      guess(0, 0, 0.5, 'alice', 0.95),
      guess(0, 1, 1, 'bob', 0.5),
      guess(0, 2, 1.5, 'unknown', 0.5),
      settled(0, 3, 4, 'alice', 0.7),
      corrected(0, 4, 20, 'bob', 0.9),
      corrected(0, 5, 30, 'unknown-1', 0.9),
      corrected(0, 6, 40, 'alice', 1),
    ]);
    expect(decisions.map(short)).toEqual([
      [0, 0, true, 'sure', 0.5],
      [0, 1, false, 'sure', 1],
      [0, 2, true, 'sure', 4],
      [0, 3, false, 'sure', 20],
      [0, 4, true, 'sure', 40],
    ]);
  });

  it('keeps the decision about a turn that is withdrawn and told again at once', async () => {
    const decisions = await decided([
      guess(0, 0, 1, 'bob', 0.95),
      guess(1, 0, 11, 'alice', 0.95),
      guess(0, 1, 11.5, 'bob', 0.99),
      guess(1, 1, 11.5, 'alice', 0.97),
      guess(1, 2, 12, 'alice', 0.99),
    ]);
    expect(decisions.map(short)).toEqual([
      [0, 0, false, 'sure', 1],
      [1, 0, true, 'sure', 11],
    ]);
  });

  it('revises the decision about a turn that proves to be part of another', async () => {
    const begin = [guess(0, 0, 1, 'bob', 0.95), guess(1, 0, 11, 'alice', 0.95)];
    const withdrawn = await decided([...begin, guess(0, 1, 11.5, 'bob', 0.99), guess(0, 2, 12, 'bob', 0.7)]);
    expect(withdrawn.map(short).at(-1)).toEqual([1, 1, false, 'sure', 12]);
    const settledOver = await decided([
      ...begin,
      settled(0, 1, 12, 'bob', 0.99),
      silence(12),
      guess(1, 1, 13, 'alice', 0.95),
    ]);
    expect(settledOver.map(short).slice(2)).toEqual([
      [1, 1, false, 'sure', 12],
      [1, 2, true, 'sure', 13],
    ]);
    const atEnd = await decided([
      ...begin,
      settled(0, 1, 12, 'bob', 0.99),
      { type: 'end', endSample: 12 * SECOND },
    ]);
    expect(atEnd.map(short).at(-1)).toEqual([1, 1, false, 'sure', 12]);
  });

  it('decides nothing about silence, nor about a turn that is withdrawn before its decision', async () => {
    const decisions = await decided([
      { type: 'warning' },
      silence(1),
      guess(0, 0, 2.5, 'bob', 0.95),
      guess(1, 0, 11, 'alice', 0.6),
      guess(0, 1, 11.5, 'bob', 0.99),
      settled(0, 2, 20, 'bob', 0.99),
      silence(20),
      { type: 'end', endSample: 30 * SECOND },
    ]);
    expect(decisions.map(short)).toEqual([[0, 0, false, 'sure', 2.5]]);
  });

  it('goes on in a new session, with the positions of the whole', () => {
    const events = new Subject<TurnEvent>();
    const heard = new Subject<number>();
    const decisions: SpeakingDecision[] = [];
    events.pipe(isSpeaking('alice', { within: 2, heard })).subscribe((one) => decisions.push(one));
    events.next(settled(0, 0, 4, 'bob', 0.95));
    events.next(guess(1, 0, 10.5, 'bob', 0.95));
    events.next({ type: 'restarted', offsetSeconds: 60 });
    events.next(corrected(0, 1, 1, 'alice', 0.9));
    events.next(guess(0, 0, 1, 'alice', 0.6));
    heard.next(61.9 * SECOND);
    expect(decisions).toHaveLength(2);
    heard.next(62 * SECOND);
    events.next(guess(1, 0, 10.5, 'bob', 0.95));
    expect(decisions.slice(2).map(short)).toEqual([
      [0, 0, true, 'deadline', 2],
      [1, 0, false, 'sure', 10.5],
    ]);
  });

  it('knows a name as profiles do: by neither case nor blanks nor composition', async () => {
    const events = from([guess(0, 0, 1, 'Zoé', 0.95)]);
    const [decision] = await lastValueFrom(events.pipe(isSpeaking(' ZOE\u0301 ', { within: 1 }), toArray()));
    expect(decision).toMatchObject({ is: true, speaker: 'Zoé' });
  });

  it('completes with the events, whatever the positions do, and starts anew at each subscription', async () => {
    const gate = from([guess(0, 0, 1, 'alice', 0.95)]).pipe(
      isSpeaking('alice', { within: 1, heard: concat(of(0), NEVER) }),
      toArray(),
    );
    expect(await lastValueFrom(gate)).toHaveLength(1);
    expect(await lastValueFrom(gate)).toHaveLength(1);
  });

  it.each([
    ['a name that is empty', '  ', { within: 1 }],
    ['the label of an unknown voice', 'Unknown-1', { within: 1 }],
    ['no deadline', 'alice', {}],
    ['a deadline of 0', 'alice', { within: 0 }],
    ['a probability below a half', 'alice', { within: 1, probability: 0.4 }],
    ['positions that are no Observable', 'alice', { within: 1, heard: 3 }],
    ['an unknown option', 'alice', { within: 1, wihtin: 1 }],
  ])('refuses %s, at the call', (_, name, options) => {
    expect(() => isSpeaking(name, options as IsSpeakingOptions)).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
  });
});
