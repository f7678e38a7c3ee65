import { describe, expect, it } from 'vitest';
import { indexVoices, Tracker } from '../../src/tracker/index.js';
import { randomNumbers } from '../random.js';
import { profileFor, randomVoice, windowsOf } from '../tracker/synthetic.js';

describe('indexVoices', () => {
  it('names the same as the comparison with every one of two thousand speakers', () => {
    const random = randomNumbers(11);
    const speakers = Array.from({ length: 2000 }, (_, i) => profileFor(`speaker ${i}`, randomVoice(random)));
    const stranger = randomVoice(random);
    const parts = [1234, 7, null, 1999, 7].map((who) => ({
      voice: who === null ? stranger : speakers[who]!.centroid,
      seconds: 4,
    }));
    const events = (makeIndex?: typeof indexVoices): unknown[] => {
      const tracker = new Tracker({ speakers, ...(makeIndex === undefined ? {} : { makeIndex }) });
      return [...windowsOf(parts).flatMap((window) => tracker.push(window)), ...tracker.flush()];
    };
    const indexed = events(indexVoices);
    expect(indexed).toEqual(events());
    const named = new Set(indexed.map((event) => (event as { speaker?: string }).speaker));
    for (const who of [1234, 7, 1999]) expect(named).toContain(`speaker ${who}`);
  });

  it('makes one index for all streams with the same profiles, and another where one differs', () => {
    const random = randomNumbers(12);
    const voices = Array.from({ length: 60 }, () => randomVoice(random));
    const index = indexVoices(voices);
    expect(indexVoices([...voices])).toBe(index);
    const changed = [...voices];
    changed[59] = randomVoice(random);
    expect(indexVoices(changed)).not.toBe(index);
    expect(indexVoices(voices.slice(1))).not.toBe(index);
    expect(indexVoices(changed).nearest(changed[59], 1)).toEqual([59]);
    expect(index.nearest(voices[59]!, 1)).toEqual([59]);
  });
});
