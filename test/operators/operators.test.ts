import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { currentSpeaker, talkTime, type IdentifyEvent, type TentativeEvent } from '../../src/index.js';
import { correctionOf, finalOf, span, tentativeOf } from '../events/build.js';

const turn = (
  number: number,
  revision: number,
  speaker: string,
  more: Partial<TentativeEvent> = {},
): TentativeEvent => ({
  ...tentativeOf({ turn: number, revision, speaker, start: number, end: number + 1 }),
  ...more,
});
const settled = (number: number, speaker: string, seconds = 1): IdentifyEvent => ({
  ...finalOf({ turn: number, revision: 9, speaker, start: number, end: number + 1 }),
  speech: [span(number, number + seconds)],
});
const corrected = (number: number, was: string, speaker: string): IdentifyEvent =>
  correctionOf({ turn: number, revision: 10, speaker, start: number, end: number + 1 }, was);
const silence = (startSample: number, channel?: number): IdentifyEvent => ({
  type: 'silence',
  startSample,
  atSample: startSample,
  ...(channel === undefined ? {} : { channel }),
});

const spoken = async (...events: IdentifyEvent[]): Promise<(string | null)[]> =>
  (await lastValueFrom(from(events).pipe(currentSpeaker(), toArray()))).map(({ speaker }) => speaker);

describe('currentSpeaker', () => {
  it('tells who speaks, once, and null in a pause', async () => {
    const told = await spoken(
      turn(0, 0, 'alice'),
      turn(0, 1, 'alice'),
      settled(0, 'alice'),
      turn(1, 0, 'bob'),
      settled(1, 'bob'),
      silence(32_000),
      turn(2, 0, 'alice'),
      { type: 'end', endSample: 48_000 },
    );
    expect(told).toEqual(['alice', 'bob', null, 'alice', null]);
  });

  it('tells who goes on where another channel falls silent', async () => {
    const told = await spoken(
      turn(0, 0, 'alice', { channel: 0 }),
      turn(1, 0, 'bob', { channel: 1 }),
      settled(1, 'bob'),
      silence(32_000, 1),
      silence(48_000, 0),
    );
    expect(told).toEqual(['alice', 'bob', 'alice', null]);
  });

  it('follows a voice that is named; one that is taken for another unknown one stays unknown', async () => {
    const named = (speaker: string): IdentifyEvent => ({
      type: 'named',
      atSample: 0,
      label: 'unknown-2',
      speaker,
      how: 'merged',
    });
    for (const [speaker, known] of [
      ['unknown-1', false],
      ['carol', true],
    ] as const) {
      const events = from([turn(0, 0, 'unknown-2'), named(speaker)]).pipe(currentSpeaker());
      expect(await lastValueFrom(events)).toMatchObject({ speaker, known });
    }
  });

  it('does not flicker: no unlikely guess, no name that is unknown for a moment', async () => {
    expect(
      await spoken(
        turn(0, 0, 'alice'),
        turn(0, 1, 'unknown'),
        turn(1, 0, 'bob', { probability: 0.3 }),
        turn(0, 2, 'alice'),
        settled(0, 'alice'),
      ),
    ).toEqual(['alice']);
  });

  it('tells any guess where nobody is told, and what is settled whatever it is', async () => {
    expect(await spoken(turn(0, 0, 'bob', { probability: 0.2 }), settled(0, 'unknown'))).toEqual([
      'bob',
      'unknown',
    ]);
    expect(
      await spoken(turn(0, 0, 'unknown-1'), settled(0, 'unknown-1'), corrected(0, 'unknown-1', 'bob')),
    ).toEqual(['unknown-1', 'bob']);
  });

  it('refuses options it does not know, at the call', () => {
    expect(() => currentSpeaker({ minProbability: 2 })).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
  });
});

describe('talkTime', () => {
  it('adds up settled speech, and follows corrections', async () => {
    const events = [
      settled(0, 'alice', 3),
      turn(1, 0, 'bob'),
      settled(1, 'unknown-1', 1),
      corrected(1, 'unknown-1', 'alice'),
    ];
    const told = await lastValueFrom(from(events).pipe(talkTime(), toArray()));
    expect(told).toHaveLength(3);
    expect(told[1]).toEqual([
      { speaker: 'alice', seconds: 3, share: 0.75, turns: 1 },
      { speaker: 'unknown-1', seconds: 1, share: 0.25, turns: 1 },
    ]);
    expect(told[2]).toEqual([{ speaker: 'alice', seconds: 4, share: 1, turns: 2 }]);
  });

  it('is counted anew by each that listens', async () => {
    const times = from([settled(0, 'alice', 2)]).pipe(talkTime());
    expect(await lastValueFrom(times)).toEqual(await lastValueFrom(times));
  });
});
