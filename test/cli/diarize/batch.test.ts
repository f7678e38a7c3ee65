import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { InOrder, runBatch } from '../../../src/cli/diarize/batch.js';

describe('a batch', () => {
  it('does at most so many at a time, in order, and begins nothing once it is stopped', async () => {
    const stop = new AbortController();
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    await runBatch([30, 5, 5, 5, 5, 5], 2, stop.signal, async (ms, index) => {
      begun.push(index);
      most = Math.max(most, ++running);
      await sleep(ms);
      if (index === 3) stop.abort();
      running--;
    });
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(most).toBe(2);
    expect(running).toBe(0);
  });

  it('writes in order what is done in any', () => {
    let text = '';
    const output = new InOrder((part) => (text += `${part} `));
    output.add(1, 'b');
    output.add(3, 'd');
    expect(text).toBe('');
    output.add(0, 'a');
    expect(text).toBe('a b ');
    output.flush();
    expect(text).toBe('a b d ');
  });
});
