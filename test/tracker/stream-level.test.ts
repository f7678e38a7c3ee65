import { describe, expect, it } from 'vitest';
import { StreamLevel } from '../../src/tracker/stream-level.js';
import type { Weighed } from '../../src/tracker/weighed.js';

const STREAM = 0.6;
const TURN = 0.5;

const turns = new Map<number, Weighed>();

/** The settled turn of that number, which now says this of its nearest speaker. */
function turn(number: number, id = 1, away = 0, probability = 1): Weighed {
  const before = turns.get(number) ?? ({ heard: { seconds: 4 } } as Weighed);
  before.verdict = { nearest: { id, away, variance: TURN ** 2, probability } } as Weighed['verdict'];
  turns.set(number, before);
  return before;
}

describe('how well a stream matches the profiles', () => {
  it('expects nothing in particular before anything was heard', () => {
    const { shift, variance } = new StreamLevel(STREAM ** 2).of(1);
    expect(shift).toBe(0);
    expect(variance).toBeCloseTo(STREAM ** 2, 12);
  });

  it('is the posterior of a two-level normal model', () => {
    const level = new StreamLevel(STREAM ** 2);
    const said = [
      [1, -0.9],
      [1, -0.5],
      [2, -0.3],
    ] as const;
    said.forEach(([id, away], number) => {
      level.learn(turn(number, id, away));
    });
    // The same by conditioning the joint normal of (level of 1, level of 2, level of 3) on the three turns.
    const half = STREAM ** 2 / 2;
    const ids = said.map(([id]) => id);
    const covariance = ids.map((a, i) =>
      ids.map((b, j) => half + (a === b ? half : 0) + (i === j ? TURN ** 2 : 0)),
    );
    for (const id of [1, 2, 3]) {
      const cross = ids.map((other) => half + (other === id ? half : 0));
      const weights = solve(covariance, cross);
      const shift = weights.reduce((sum, w, i) => sum + w * said[i]![1], 0);
      const variance = 2 * half - weights.reduce((sum, w, i) => sum + w * cross[i]!, 0);
      expect(level.of(id).shift).toBeCloseTo(shift, 10);
      expect(level.of(id).variance).toBeCloseTo(variance, 10);
    }
  });

  it('weighs a turn by how likely it was the speaker', () => {
    const level = new StreamLevel(STREAM ** 2);
    level.learn(turn(0, 1, -1, 0));
    expect(level.of(1).shift).toBe(0);
    level.learn(turn(0, 1, -1, 0.5));
    const half = level.of(1).shift;
    level.learn(turn(1, 1, -1, 0.5));
    expect(half).toBeLessThan(0);
    expect(level.of(1).shift).toBeLessThan(half);
  });

  it('can learn a turn anew, and leave it out', () => {
    const [one, both] = [new StreamLevel(STREAM ** 2), new StreamLevel(STREAM ** 2)];
    one.learn(turn(0, 1, -0.8, 1));
    both.learn(turn(0, 1, 0.3, 0.7));
    both.learn(turn(1, 1, 0.9, 1));
    both.learn(turn(0, 1, -0.8, 1));
    expect(both.of(1, turn(1))).toEqual(one.of(1));
    expect(both.of(1)).not.toEqual(one.of(1));
    both.learn(turn(1, 1, 0.9, 0));
    expect(both.of(1)).toEqual(one.of(1));
  });

  it('follows a stream that changes: the last turns count', () => {
    const level = new StreamLevel(STREAM ** 2);
    for (let i = 0; i < 500; i++) level.learn(turn(i, 1, 1, 1));
    for (let i = 500; i < 564; i++) level.learn(turn(i, 1, -1, 1));
    const { shift } = level.of(1);
    expect(shift).toBeLessThan(-0.5);
    for (let i = 564; i < 600; i++) level.learn(turn(i, 1, -1, 1));
    expect(level.of(1).shift).toBeCloseTo(shift, 12);
  });

  it('learns nothing of a word', () => {
    const level = new StreamLevel(STREAM ** 2);
    level.learn({ ...turn(0, 1, -1, 1), heard: { seconds: 0.9 } } as Weighed);
    expect(level.of(1).shift).toBe(0);
  });
});

/** Gauss-Jordan, without pivots: the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < rows.length; j++) {
      if (j === i) continue;
      const factor = rows[j]![i]! / rows[i]![i]!;
      rows[j] = rows[j]!.map((value, k) => value - factor * rows[i]![k]!);
    }
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}
