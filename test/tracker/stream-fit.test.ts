import { describe, expect, it } from 'vitest';
import { StreamFit } from '../../src/tracker/stream-fit.js';

const STREAM = 0.6;
const TURN = 0.5;

describe('how well a stream matches the profiles', () => {
  it('expects nothing in particular before anything was heard', () => {
    const { shift, variance } = new StreamFit(STREAM ** 2).level(1);
    expect(shift).toBe(0);
    expect(variance).toBeCloseTo(STREAM ** 2, 12);
  });

  it('is the posterior of a two-level normal model', () => {
    const fit = new StreamFit(STREAM ** 2);
    const turns = [
      [1, -0.9],
      [1, -0.5],
      [2, -0.3],
    ] as const;
    turns.forEach(([id, deviation], turn) => {
      fit.learn(turn, id, deviation, TURN ** 2, 1);
    });
    // The same by conditioning the joint normal of (level of 1, level of 2, level of 3) on the three turns.
    const level = STREAM ** 2 / 2;
    const ids = turns.map(([id]) => id);
    const covariance = ids.map((a, i) =>
      ids.map((b, j) => level + (a === b ? level : 0) + (i === j ? TURN ** 2 : 0)),
    );
    for (const id of [1, 2, 3]) {
      const cross = ids.map((other) => level + (other === id ? level : 0));
      const weights = solve(covariance, cross);
      const shift = weights.reduce((sum, w, i) => sum + w * turns[i]![1], 0);
      const variance = 2 * level - weights.reduce((sum, w, i) => sum + w * cross[i]!, 0);
      expect(fit.level(id).shift).toBeCloseTo(shift, 10);
      expect(fit.level(id).variance).toBeCloseTo(variance, 10);
    }
  });

  it('weighs a turn by how likely it was the speaker', () => {
    const fit = new StreamFit(STREAM ** 2);
    fit.learn(0, 1, -1, TURN ** 2, 0);
    expect(fit.level(1).shift).toBe(0);
    fit.learn(0, 1, -1, TURN ** 2, 0.5);
    const half = fit.level(1).shift;
    fit.learn(1, 1, -1, TURN ** 2, 0.5);
    expect(half).toBeLessThan(0);
    expect(fit.level(1).shift).toBeLessThan(half);
  });

  it('can learn a turn anew, leave it out, and forget it', () => {
    const [one, both] = [new StreamFit(STREAM ** 2), new StreamFit(STREAM ** 2)];
    one.learn(0, 1, -0.8, TURN ** 2, 1);
    both.learn(0, 1, 0.3, TURN ** 2, 0.7);
    both.learn(1, 1, 0.9, TURN ** 2, 1);
    both.learn(0, 1, -0.8, TURN ** 2, 1);
    expect(both.level(1, 1)).toEqual(one.level(1));
    // How one speaker's turn is judged is a matter of that speaker's turns.
    expect(both.level(2, 1)).toEqual(both.level(2));
    expect(both.level(1)).not.toEqual(one.level(1));
    both.forget(1, 1);
    expect(both.level(1)).toEqual(one.level(1));
  });

  it('follows a stream that changes: the last turns count', () => {
    const fit = new StreamFit(STREAM ** 2);
    for (let i = 0; i < 500; i++) fit.learn(i, 1, 1, TURN ** 2, 1);
    for (let i = 500; i < 540; i++) fit.learn(i, 1, -1, TURN ** 2, 1);
    const { shift } = fit.level(1);
    expect(shift).toBeLessThan(-0.5);
    // One that is too old to count does not count when it is learnt anew.
    fit.learn(3, 1, 9, TURN ** 2, 1);
    expect(fit.level(1).shift).toBe(shift);
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
