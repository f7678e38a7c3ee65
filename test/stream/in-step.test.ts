import { expect, it } from 'vitest';
import { inStep } from '../../src/stream/in-step.js';

/** The numbers from `from` on, in pieces of these sizes; says when it is closed. */
async function* counting(from: number, sizes: readonly number[], onClose?: () => void) {
  try {
    for (const size of sizes) {
      await Promise.resolve();
      yield Float32Array.from({ length: size }, () => from++);
    }
  } finally {
    onClose?.();
  }
}

it('gives as much of each source at a time, however each is cut, and nothing of one that has ended', async () => {
  const got: number[][] = [[], [], []];
  for await (const pieces of inStep([
    counting(0, [3, 0, 5, 2]),
    counting(100, [1, 1, 8]),
    counting(200, [4]),
  ])) {
    const sizes = new Set(pieces.map(({ length }) => length).filter((length) => length > 0));
    expect(sizes.size).toBe(1);
    for (const [i, piece] of pieces.entries()) got[i]!.push(...piece);
  }
  const numbers = (from: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => from + i);
  expect(got).toEqual([numbers(0, 10), numbers(100, 10), numbers(200, 4)]);
});

it('closes every source when its reader stops, or when one of them fails', async () => {
  const closed: string[] = [];
  const source = (name: string) => counting(0, [5, 5], () => closed.push(name));
  for await (const pieces of inStep([source('a'), source('b')])) {
    expect(pieces).toHaveLength(2);
    break;
  }
  expect(closed.sort()).toEqual(['a', 'b']);
  async function* failing() {
    yield new Float32Array(3);
    await Promise.resolve();
    throw new Error('gone');
  }
  const read = async (): Promise<void> => {
    for await (const pieces of inStep([source('c'), failing()])) expect(pieces).toHaveLength(2);
  };
  await expect(read()).rejects.toThrow('gone');
  expect(closed.sort()).toEqual(['a', 'b', 'c']);
});
