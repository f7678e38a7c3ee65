import { expect, it } from 'vitest';
import { Opening } from '../../src/browser/service/opening.js';

it('opens once, for all', async () => {
  let times = 0;
  const opening = new Opening(() => Promise.resolve(++times));
  expect(await Promise.all([opening.get(), opening.get()])).toEqual([1, 1]);
  expect(await opening.get()).toBe(1);
});

it('tries again what failed, when it is needed next', async () => {
  let times = 0;
  const opening = new Opening(() =>
    ++times === 1 ? Promise.reject(new Error('no connection')) : Promise.resolve(times),
  );
  const opened: number[] = [];
  opening.opened$.subscribe((value) => opened.push(value));
  await expect(opening.get()).rejects.toThrow('no connection');
  expect(opened).toEqual([]);
  expect(await opening.get()).toBe(2);
  expect(opened).toEqual([2]);
});
