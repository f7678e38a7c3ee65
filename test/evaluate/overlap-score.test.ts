import { describe, expect, it } from 'vitest';
import { overlapScore } from '../../src/evaluate/index.js';
import type { IdentifyEvent } from '../../src/tracker/index.js';
import { turnsOf } from './turns-of.js';

/** A final of `speaker`, with overlaps as "start end other", in seconds; `-` is nobody who can be told. */
function final(speaker: string, ...overlaps: readonly string[]): IdentifyEvent {
  const stretches = overlaps.map((text) => {
    const [start, end, other] = text.split(' ');
    return {
      startSample: Number(start) * 16_000,
      endSample: Number(end) * 16_000,
      other: other === '-' ? null : other!,
    };
  });
  return { type: 'final', speaker, overlaps: stretches } as unknown as IdentifyEvent;
}

const score = (reference: string, ...events: IdentifyEvent[]) =>
  overlapScore(turnsOf(reference), events, ['ann', 'bob']);

describe('overlapScore', () => {
  it('counts seconds and stretches', () => {
    // Together: 4 to 5, 7 to 7.2 (too short to be asked for), 9 to 10 of three.
    const reference = 'ann 0 5, bob 4 7.2, ann 7 10, bob 9 10, eve 9 10';
    const told = [final('ann', '4.5 6 bob'), final('bob', '7.1 7.3 -'), final('ann', '2 3 bob')];
    expect(score(reference, ...told)).toEqual({
      referenceSeconds: expect.closeTo(2.2, 9) as number,
      toldSeconds: expect.closeTo(2.7, 9) as number,
      rightSeconds: expect.closeTo(0.6, 9) as number,
      referenceStretches: 2,
      foundStretches: 1,
      toldStretches: 3,
      trueStretches: 2,
      namedStretches: 1,
      rightlyNamedStretches: 1,
    });
  });

  it('what is told within a quarter of a second of it is true, though it finds nothing', () => {
    const reference = 'ann 0 5, bob 4 8';
    expect(score(reference, final('bob', '5.2 5.6 ann'))).toMatchObject({
      trueStretches: 1,
      foundStretches: 0,
      rightSeconds: 0,
      rightlyNamedStretches: 1,
    });
    expect(score(reference, final('bob', '5.3 5.6 ann'))).toMatchObject({
      trueStretches: 0,
      namedStretches: 0,
    });
  });

  it('the second is another than the first: a name by itself, any stranger by any unknown', () => {
    const right = (speaker: string, other: string, reference: string) =>
      score(reference, final(speaker, `4 5 ${other}`)).rightlyNamedStretches;
    expect(right('ann', 'bob', 'ann 0 5, bob 4 8')).toBe(1);
    expect(right('ann', 'bob', 'ann 0 5, eve 4 8')).toBe(0);
    expect(right('ann', 'unknown-1', 'ann 0 5, eve 4 8')).toBe(1);
    expect(right('ann', 'unknown-1', 'ann 0 5, bob 4 8')).toBe(0);
    expect(right('unknown-1', 'unknown-2', 'ann 0 5, eve 4 8')).toBe(0);
    expect(right('unknown-1', 'unknown-2', 'dan 0 5, eve 4 8')).toBe(1);
    expect(right('ann', 'ann', 'ann 0 5, bob 4 8')).toBe(0);
    // The turn is another's, and the second is right all the same.
    expect(right('bob', 'ann', 'ann 0 5, eve 4 8')).toBe(1);
  });

  it('time counts once where two others are told', () => {
    const told = final('ann', '4 5 bob', '4.5 5.5 eve');
    expect(score('ann 0 6, bob 4 6', told)).toMatchObject({
      toldSeconds: 1.5,
      rightSeconds: 1.5,
      toldStretches: 2,
    });
  });

  it('nothing told of nothing is nothing', () => {
    const zero = score('ann 0 5, bob 5 8', final('ann'));
    expect(Object.values(zero).every((count) => count === 0)).toBe(true);
  });
});
