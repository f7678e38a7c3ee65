import { describe, expect, it } from 'vitest';
import type { TranscriptSegment } from '../../../src/transcript/segment.js';
import { doubtfulWords, nameWords } from '../../../src/transcript/words/name-words.js';
import { posteriors } from '../../../src/transcript/words/chain.js';
import { soloStretches } from '../../../src/transcript/words/solo-stretches.js';
import type { Word } from '../../../src/transcript/words/word.js';

const segment = (speaker: string, start: number, end: number, probability = 0.9): TranscriptSegment => ({
  speaker,
  known: !speaker.startsWith('unknown'),
  start,
  end,
  probability,
});
const word = (text: string, start: number, end: number): Word => ({ text, start, end });
const names = (words: readonly Word[], segments: readonly TranscriptSegment[]): string[] =>
  nameWords(words, segments).map(({ speaker }) => speaker);

const TALK = [segment('alice', 0, 10), segment('unknown-1', 12, 20, 0.6), segment('alice', 30, 35)];

describe('nameWords', () => {
  it('names a word by the speech that it lies in, with a probability', () => {
    const [first, second] = nameWords(
      [{ ...word('Hello,', 4, 4.5), speaker: 'SPEAKER_07', confidence: 0.5 }, word('there', 15, 15.5)],
      TALK,
    );
    expect(first).toMatchObject({ text: 'Hello,', speaker: 'alice', known: true, confidence: 0.5 });
    expect(first!.probability).toBeCloseTo(0.9);
    expect(second).toMatchObject({ speaker: 'unknown-1', known: false });
    expect(second!.probability).toBeCloseTo(0.6);
  });

  it('gives a word that straddles a change to whoever its middle is of', () => {
    const close = [segment('alice', 0, 10), segment('bob', 10, 20)];
    expect(names([word('a', 9.5, 10.3)], close)).toEqual(['alice']);
    expect(names([word('a', 9.7, 10.5)], close)).toEqual(['bob']);
    const [straddling] = nameWords([word('a', 9.7, 10.5)], close);
    expect(straddling!.probability).toBeLessThan(0.7);
  });

  it('gives a word in a gap to the nearest speech, and to nobody beyond 2 s', () => {
    expect(names([word('near alice', 10.4, 10.8), word('near the other', 11.5, 11.7)], TALK)).toEqual([
      'alice',
      'unknown-1',
    ]);
    expect(nameWords([word('far', 24, 24.5)], TALK)).toEqual([
      { ...word('far', 24, 24.5), speaker: 'unknown', known: false, probability: 0 },
    ]);
    expect(names([word('a', 0, 1)], [])).toEqual(['unknown']);
  });

  it('gives words without a pause where two talk at once to one speaker', () => {
    const both = [segment('alice', 0, 11), segment('bob', 10, 20)];
    const run = [word('a', 8, 8.5), word('b', 8.5, 9.5), word('c', 9.5, 10.5), word('d', 10.5, 11)];
    expect(names(run, both)).toEqual(['alice', 'alice', 'alice', 'alice']);
    const after = [word('d', 10.1, 10.5), word('e', 10.5, 11.6), word('f', 11.6, 12.4)];
    expect(names(after, both)).toEqual(['bob', 'bob', 'bob']);
  });

  it('lets the voice decide what is doubtful, and nothing else', () => {
    const close = [segment('alice', 0, 10), segment('bob', 10, 20)];
    const words = [word('far', 4, 4.5), word('near', 9.6, 9.9)];
    const voices = { logLikelihood: (_: Word, speaker: string) => (speaker === 'bob' ? 300 : 0) };
    expect(nameWords(words, close, { voices }).map(({ speaker }) => speaker)).toEqual(['alice', 'bob']);
    expect(doubtfulWords(words, close)).toEqual([words[1]]);
  });

  it('hears the voice less where two talk at once', () => {
    const both = [segment('alice', 0, 20), segment('bob', 9, 20)];
    const words = [word('a', 14, 14.5)];
    const certainty = (segments: readonly TranscriptSegment[]): number => {
      const voices = { logLikelihood: (_: Word, speaker: string) => (speaker === 'bob' ? 50 : 0) };
      return nameWords(words, segments, { voices })[0]!.probability;
    };
    expect(certainty(both)).toBeLessThan(0.6);
    expect(certainty([segment('alice', 0, 13.9), segment('bob', 14.5, 20)])).toBeGreaterThan(0.7);
  });

  it('names the words of a channel by its own segments', () => {
    const channels = [
      { ...segment('alice', 0, 10), channel: 0 },
      { ...segment('bob', 0, 10), channel: 1 },
    ];
    const words = [word('a', 1, 2), word('b', 1.5, 2.5), word('c', 3, 4)].map((said, i) => ({
      ...said,
      channel: i % 2,
    }));
    expect(names(words, channels)).toEqual(['alice', 'bob', 'alice']);
    // Segments of a mix are everybody's.
    expect(names(words, [segment('alice', 0, 10)])).toEqual(['alice', 'alice', 'alice']);
  });

  it('names a day of words in seconds', () => {
    const segments = Array.from({ length: 20_000 }, (_, i) => segment(`speaker ${i % 8}`, 4 * i, 4 * i + 3));
    const words = Array.from({ length: 200_000 }, (_, i) => word('w', 0.4 * i, 0.4 * i + 0.3));
    const began = performance.now();
    expect(nameWords(words, segments)).toHaveLength(200_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('posteriors', () => {
  it('are those of all paths', () => {
    const evidence = [
      [-1, -0.5, -2],
      [-0.2, -1.4],
      [-0.1, -3, -0.3],
    ];
    const transition = (position: number, from: number, to: number): number =>
      -Math.abs(from - to) / position - 0.3 * to;
    const sums = evidence.map((states) => states.map(() => 0));
    let all = 0;
    for (const [a, x] of evidence[0]!.entries())
      for (const [b, y] of evidence[1]!.entries())
        for (const [c, z] of evidence[2]!.entries()) {
          const weight = Math.exp(x + y + z + transition(1, a, b) + transition(2, b, c));
          all += weight;
          [a, b, c].forEach((state, position) => (sums[position]![state]! += weight));
        }
    posteriors(evidence, transition).forEach((states, position) => {
      states.forEach((share, state) => {
        expect(share).toBeCloseTo(sums[position]![state]! / all, 10);
      });
    });
    expect(posteriors([], transition)).toEqual([]);
  });
});

describe('solo stretches', () => {
  it('are where one speaker talks alone, away from edges', () => {
    const segments = [segment('alice', 0, 10), segment('bob', 5, 6), segment('bob', 9.5, 12)];
    expect(
      soloStretches(segments).map(({ speaker, start, end }) => [speaker, start.toFixed(2), end.toFixed(2)]),
    ).toEqual([
      ['alice', '0.15', '3.15'],
      ['alice', '3.15', '4.85'],
      ['alice', '6.15', '9.15'],
      ['bob', '10.15', '11.85'],
    ]);
  });
});
