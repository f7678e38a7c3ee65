import { describe, expect, it } from 'vitest';
import { FairTurns } from '../../src/server/fair-turns.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns of groups', () => {
  /** Work that ends when it is told to, and what has begun so far. */
  function work(turns: FairTurns) {
    const begun: string[] = [];
    const ends = new Map<string, (error?: Error) => void>();
    const ask = (name: string): Promise<string> =>
      turns.run(name[0]!, () => {
        begun.push(name);
        return new Promise((resolve, reject) => {
          ends.set(name, (error) => {
            if (error === undefined) resolve(name);
            else reject(error);
          });
        });
      });
    const end = async (name: string, error?: Error): Promise<void> => {
      ends.get(name)!(error);
      await settled();
    };
    return { begun, ask, end };
  }

  it('has no more at once than it may, over all groups', async () => {
    const { begun, ask, end } = work(new FairTurns(2));
    const all = ['a1', 'b1', 'c1'].map(ask);
    await settled();
    expect(begun).toEqual(['a1', 'b1']);
    await end('b1');
    expect(begun).toEqual(['a1', 'b1', 'c1']);
    await end('a1');
    await end('c1');
    expect(await Promise.all(all)).toEqual(['a1', 'b1', 'c1']);
  });

  it('lets nobody wait for more than one piece of work of each other group', async () => {
    const { begun, ask, end } = work(new FairTurns(1));
    const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map(ask);
    for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'b2']) {
      await settled();
      expect(begun.at(-1)).toBe(name);
      await end(name);
    }
    await Promise.all(all);
  });

  it('goes on after work that failed, and is free in the end', async () => {
    const { begun, ask, end } = work(new FairTurns(1));
    const first = ask('a1');
    const second = ask('b1');
    const failed = expect(first).rejects.toThrow('no such file');
    await end('a1', new Error('no such file'));
    await failed;
    await end('b1');
    await second;
    void ask('c1');
    expect(begun).toEqual(['a1', 'b1', 'c1']);
  });
});
