import { describe, expect, it } from 'vitest';
import { ZeroWatch } from '../../src/stream/zero-watch.js';

const SECOND = 16_000;

/** Feed seconds of sound (1) or zeros (0) in chunks; positions, in seconds, of the runs reported. */
function reports(watch: ZeroWatch, seconds: readonly (0 | 1)[], chunk = 800): number[] {
  const found: number[] = [];
  for (let at = 0; at < seconds.length * SECOND; at += chunk) {
    const samples = new Float32Array(chunk).fill(seconds[Math.floor(at / SECOND)]! * 0.01);
    const start = watch.push({ startSample: at, samples });
    if (start !== null) found.push(start / SECOND);
  }
  return found;
}

const zeros = (count: number): 0[] => Array.from({ length: count }, () => 0);

describe('ZeroWatch', () => {
  it('tells once of 3 s of zeros at the start', () => {
    const watch = new ZeroWatch();
    expect(reports(watch, zeros(2))).toEqual([]);
    expect(reports(new ZeroWatch(), zeros(30))).toEqual([0]);
    expect(watch.heardSound).toBe(false);
  });

  it('tells of 10 s of zeros later, and of each such run', () => {
    expect(reports(new ZeroWatch(), [1, ...zeros(9), 1])).toEqual([]);
    expect(reports(new ZeroWatch(), [1, ...zeros(11), 1, ...zeros(12)])).toEqual([1, 13]);
  });

  it('is not moved by the size of the chunks', () => {
    for (const chunk of [160, 800, 16_000]) {
      expect(reports(new ZeroWatch(), [1, 1, ...zeros(11)], chunk)).toEqual([2]);
    }
  });

  it('tells of a run that ends within the chunk that makes it long enough', () => {
    const samples = new Float32Array(4 * SECOND);
    samples[samples.length - 1] = 0.5;
    expect(new ZeroWatch().push({ startSample: 0, samples })).toBe(0);
  });

  it('takes one sample of noise for a live microphone', () => {
    const watch = new ZeroWatch();
    const samples = new Float32Array(2 * SECOND);
    samples[SECOND] = 1e-5;
    expect(watch.push({ startSample: 0, samples })).toBeNull();
    expect(watch.push({ startSample: 2 * SECOND, samples: new Float32Array(2 * SECOND) })).toBeNull();
    expect(watch.heardSound).toBe(true);
  });
});
