import { describe, expect, it } from 'vitest';
import {
  diarizationError,
  identificationError,
  jaccardError,
  joinRegions,
  labelChanges,
  subtractRegions,
} from '../../src/evaluate/index.js';
import { assignLargest } from '../../src/evaluate/assignment.js';
import { randomNumbers } from '../random.js';
import { turnsOf } from './turns-of.js';

const region = (startSeconds: number, endSeconds: number) => ({ startSeconds, endSeconds });

describe('regions', () => {
  it('join and subtract', () => {
    expect(joinRegions([region(5, 6), region(0, 2), region(1, 3), region(3, 4), region(7, 7)])).toEqual([
      region(0, 4),
      region(5, 6),
    ]);
    expect(
      subtractRegions([region(0, 10)], [region(-1, 1), region(4, 6), region(5, 7), region(9, 12)]),
    ).toEqual([region(1, 4), region(7, 9)]);
    expect(subtractRegions([region(0, 1)], [region(0, 1)])).toEqual([]);
  });
});

describe('assignLargest', () => {
  it('agrees with trying everything', () => {
    const random = randomNumbers(4);
    const best = (w: number[][], row: number, used: number): number =>
      row === w.length
        ? 0
        : Math.max(
            best(w, row + 1, used),
            ...w[row]!.map((x, c) => (used & (1 << c) ? 0 : x + best(w, row + 1, used | (1 << c)))),
          );
    for (let i = 0; i < 200; i++) {
      const columns = 1 + Math.floor(random() * 5);
      const weights = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
        Array.from({ length: columns }, () => Math.floor(random() * 6)),
      );
      const assigned = assignLargest(weights);
      const taken = assigned.filter((c) => c >= 0);
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken.length).toBe(Math.min(weights.length, columns));
      expect(assigned.reduce((sum, c, r) => sum + (c < 0 ? 0 : weights[r]![c]!), 0)).toBe(
        best(weights, 0, 0),
      );
    }
    expect(assignLargest([])).toEqual([]);
    expect(assignLargest([[], []])).toEqual([-1, -1]);
  });
});

describe('diarizationError', () => {
  it('tells miss, false alarm and confusion apart', () => {
    const reference = turnsOf('A 0 10, B 10 20, A 25 30');
    const hypothesis = turnsOf('x 1 12, y 12 22, y 25 30');
    // x is A (9 s in common), y is B (8 s): 10-12 and 25-30 are confused.
    expect(diarizationError(reference, hypothesis)).toEqual({
      rate: 10 / 25,
      totalSeconds: 25,
      missSeconds: 1,
      falseAlarmSeconds: 2,
      confusionSeconds: 7,
      mapping: new Map([
        ['x', 'A'],
        ['y', 'B'],
      ]),
    });
  });

  it('leaves out a collar on each side of the reference edges', () => {
    const error = diarizationError(turnsOf('A 0 10, B 10 20'), turnsOf('A 0 11, B 11 20'), {
      collarSeconds: 0.25,
    });
    expect(error).toMatchObject({ totalSeconds: 19, confusionSeconds: 0.75, missSeconds: 0 });
  });

  it('counts overlap once a speaker, or leaves it out', () => {
    const reference = turnsOf('A 0 10, B 8 14');
    const hypothesis = turnsOf('a 0 10, b 10 14');
    expect(diarizationError(reference, hypothesis)).toMatchObject({ totalSeconds: 16, missSeconds: 2 });
    expect(diarizationError(reference, hypothesis, { skipOverlap: true })).toMatchObject({
      totalSeconds: 12,
      rate: 0,
    });
  });

  it('scores what it is told to', () => {
    const scored = [region(0, 5), region(20, 30)];
    const error = diarizationError(turnsOf('A 0 10, B 25 40'), turnsOf('A 0 4, A 25 26'), { scored });
    expect(error).toMatchObject({
      totalSeconds: 10,
      missSeconds: 5,
      confusionSeconds: 1,
      falseAlarmSeconds: 0,
    });
  });

  it('leaves out what is not to be scored', () => {
    const reference = turnsOf('A 0 10, B 10 20');
    const hypothesis = turnsOf('x 0 12, y 12 25');
    const unscored = [region(9, 11), region(22, 40)];
    const error = diarizationError(reference, hypothesis, { unscored });
    expect(error).toMatchObject({ totalSeconds: 18, confusionSeconds: 1, falseAlarmSeconds: 2 });
    expect(diarizationError(reference, hypothesis, { unscored, scored: [region(0, 12)] })).toMatchObject({
      totalSeconds: 10,
      confusionSeconds: 1,
    });
    expect(jaccardError(reference, hypothesis, { unscored }).bySpeaker.get('B')).toBeCloseTo(3 / 11, 12);
    expect(identificationError(reference, hypothesis, { unscored, enrolled: [] })).toMatchObject({
      speechSeconds: 18,
      falseAlarmSeconds: 2,
    });
  });

  it('knows empty sides', () => {
    expect(diarizationError([], [])).toMatchObject({ rate: 0, totalSeconds: 0 });
    expect(diarizationError(turnsOf('A 0 2'), [])).toMatchObject({ rate: 1, missSeconds: 2 });
    expect(diarizationError([], turnsOf('A 0 2'))).toMatchObject({ rate: 1, falseAlarmSeconds: 2 });
  });
});

describe('jaccardError', () => {
  it('averages the speakers', () => {
    const { rate, bySpeaker } = jaccardError(turnsOf('A 0 10, B 10 20, C 20 21'), turnsOf('x 0 12, y 12 20'));
    expect(bySpeaker.get('A')).toBeCloseTo(2 / 12, 12);
    expect(bySpeaker.get('B')).toBeCloseTo(2 / 10, 12);
    expect(bySpeaker.get('C')).toBe(1);
    expect(rate).toBeCloseTo((2 / 12 + 2 / 10 + 1) / 3, 12);
  });
});

describe('jaccardError where two mappings have as much in common', () => {
  it('does not depend on the names', () => {
    // x has 5 s in common with either: with the first the error is 0.75, with the second 0.875.
    const rates = ['A 0 5, B 10 25', 'B 0 5, A 10 25'].map(
      (reference) => jaccardError(turnsOf(reference), turnsOf('x 0 5, x 10 15')).rate,
    );
    expect(rates).toEqual([0.75, 0.75]);
  });
});

describe('identificationError', () => {
  it('sorts every second of speech', () => {
    const reference = turnsOf('alice 0 10, bob 10 20, eve 20 30, alice 40 45');
    const hypothesis = turnsOf('alice 0 8, bob 8 9, unknown 10 13, bob 13 20, unknown 20 24, bob 24 32');
    expect(identificationError(reference, hypothesis, { enrolled: ['alice', 'bob'] })).toEqual({
      rate: 1 - 19 / 35,
      speechSeconds: 35,
      rightNameSeconds: 15,
      rightUnknownSeconds: 4,
      wrongNameSeconds: 1,
      unknownAcceptedSeconds: 6,
      knownRefusedSeconds: 3,
      missedSeconds: 6,
      falseAlarmSeconds: 2,
    });
  });

  it('takes either speaker of an overlap, and leaves overlap out when told', () => {
    const reference = turnsOf('alice 0 10, eve 5 10');
    const options = { enrolled: ['alice', 'bob'] };
    expect(identificationError(reference, turnsOf('alice 0 5, unknown 5 10'), options).rate).toBe(0);
    expect(identificationError(reference, turnsOf('alice 0 5, bob 5 10'), options).wrongNameSeconds).toBe(5);
    const skipped = identificationError(reference, turnsOf('alice 0 5'), { ...options, skipOverlap: true });
    expect(skipped).toMatchObject({ speechSeconds: 5, rate: 0 });
  });
});

describe('labelChanges', () => {
  it('counts changes an hour', () => {
    const changes = labelChanges(turnsOf('A 0 5, B 6 9, B 9 12'), turnsOf('A 0 1, B 1 2, A 2 5, B 6 12'), 36);
    expect(changes).toEqual({ hypothesisPerHour: 300, referencePerHour: 100 });
  });
});
