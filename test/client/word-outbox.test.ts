import { describe, expect, it } from 'vitest';
import { SessionWords } from '../../src/client/session-words.js';
import { WordOutbox } from '../../src/client/word-outbox.js';
import type { NamedWordsEvent, StreamWords } from '../../src/protocol/index.js';

const told = (final: boolean, ...words: [string, number][]): StreamWords => ({
  final,
  words: words.map(([text, start]) => ({ text, start, end: start + 0.5 })),
});
const sent = (box: WordOutbox, seconds = Infinity): string[] =>
  box
    .take(seconds)
    .map(
      ({ sequence, words, final }) =>
        `${sequence}${final ? '' : '?'} ${words.map(({ text, start }) => `${text}@${start}`).join(' ')}`,
    );

describe('WordOutbox', () => {
  it('numbers messages, and holds words back until their audio is sent', () => {
    const box = new WordOutbox();
    box.push(told(true, ['b', 1], ['a', 0.2]));
    box.push(told(true, ['c', 2]));
    expect(sent(box, 1.4)).toEqual([]);
    expect(sent(box, 1.5)).toEqual(['0 a@0.2 b@1']);
    expect(box.empty).toBe(false);
    expect(sent(box)).toEqual(['1 c@2']);
    expect([box.empty, box.unacked]).toEqual([true, true]);
    box.ack(2);
    expect(box.unacked).toBe(false);
  });

  it('sends no guess that something follows, and an empty final that withdraws one', () => {
    const box = new WordOutbox();
    box.push(told(false, ['a', 1]));
    box.push(told(false, ['b', 1]));
    box.push(told(true, ['c', 1]));
    box.push(told(false, ['d', 2]));
    expect(sent(box)).toEqual(['0 c@1', '1? d@2']);
    box.push(told(true));
    expect(sent(box)).toEqual(['2 ']);
  });

  it('keeps the guess of a channel until another word of that channel', () => {
    const box = new WordOutbox();
    const on = (channel: number, words: StreamWords): StreamWords => ({ ...words, channel });
    box.push(on(0, told(false, ['a', 1])));
    box.push(on(1, told(false, ['b', 1])));
    box.push(on(0, told(true, ['c', 1])));
    box.push(on(0, told(true)));
    expect(box.take(Infinity)).toMatchObject([
      { sequence: 0, channel: 1, final: false },
      { sequence: 1, channel: 0, final: true },
    ]);
    box.push(on(0, told(false, ['d', 2])));
    box.push(on(1, told(true)));
    box.resume(0);
    // Of channel 1 an empty final follows its guess; of channel 0 nothing follows.
    expect(sent(box)).toEqual(['0 c@1', '1? d@2', '2 ']);
  });

  it('sends again what the server lacks, under the same numbers', () => {
    const box = new WordOutbox();
    for (const [i, text] of ['a', 'b', 'c'].entries()) box.push(told(true, [text, i]));
    box.push(told(false, ['d', 3]));
    expect(sent(box)).toHaveLength(4);
    box.push(told(true, ['e', 3]));
    box.resume(1);
    // The guess has a successor now.
    expect(sent(box)).toEqual(['1 b@1', '2 c@2', '3 e@3']);
    box.resume(4);
    expect([sent(box), box.unacked]).toEqual([[], false]);
  });

  it('keeps nothing of messages without words, but for one that withdraws a guess', () => {
    const box = new WordOutbox();
    const nothing = (final: boolean): void => {
      for (let i = 0; i < 3; i++) box.push(told(final));
    };
    box.push(told(false, ['a', 1]));
    expect(sent(box)).toEqual(['0? a@1']);
    nothing(true);
    nothing(false);
    expect(sent(box)).toEqual(['1 ']);
    nothing(true);
    expect(box.empty).toBe(true);
    // What the server has taken last may have been a guess.
    box.ack(2);
    nothing(true);
    expect(sent(box)).toEqual(['2 ']);
  });

  it('sends a guess that nothing follows again, and after several cuts each word once', () => {
    const box = new WordOutbox();
    box.push(told(true, ['a', 1]));
    box.push(told(false, ['b', 2]));
    for (let cuts = 0; cuts < 3; cuts++) {
      expect(sent(box)).toEqual(['0 a@1', '1? b@2']);
      box.resume(0);
    }
    expect(sent(box, 2)).toEqual(['0 a@1']);
    box.resume(1);
    expect(sent(box)).toEqual(['1? b@2']);
  });

  it('begins anew at the audio of a new session, and counts final words that have none', () => {
    const box = new WordOutbox();
    box.push(told(true, ['taken', 0]));
    sent(box);
    box.ack(1);
    box.push(told(true, ['lost', 8], ['cut', 9.75], ['kept', 11]));
    box.push(told(false, ['guess', 8], ['more', 12]));
    sent(box);
    expect(box.restart(10)).toBe(1);
    expect(sent(box, 10.5)).toEqual([]);
    expect(sent(box, 11.5)).toEqual(['0 cut@0 kept@1']);
    expect(sent(box)).toEqual(['1? more@2']);
  });

  it('cuts finals into messages, and refuses what is no word or too much, and nothing changes', () => {
    const box = new WordOutbox();
    const many = (count: number): [string, number][] => Array.from({ length: count }, (_, i) => ['w', i]);
    box.push(told(true, ...many(250)));
    expect(box.take(Infinity).map(({ words }) => words.length)).toEqual([100, 100, 50]);
    const refused = (words: StreamWords, code: string): void => {
      expect(() => {
        box.push(words);
      }).toThrow(expect.objectContaining({ code }) as Error);
      expect(box.empty).toBe(true);
    };
    refused(told(false, ...many(101)), 'transcript-limit');
    refused(told(true, ...many(4751)), 'transcript-limit');
    refused(told(true, ['x'.repeat(201), 1]), 'transcript-limit');
    refused(told(true, ['a', 1], ['', 1]), 'transcript-format');
    refused(told(true, ['a', NaN]), 'transcript-times');
    refused({ final: true, words: [{ text: 'a', start: 2, end: 1 }] }, 'transcript-times');
    box.push(told(true, ...many(4750)));
    expect(box.empty).toBe(false);
  });
});

describe('SessionWords', () => {
  it('number words and place them on over a new session', () => {
    const words = new SessionWords();
    const event = (word: number, text: string, more: Partial<NamedWordsEvent> = {}): NamedWordsEvent => ({
      type: 'words',
      removed: [],
      words: [
        {
          word,
          text,
          start: 1,
          end: 2,
          revision: 0,
          final: true,
          speaker: 'alice',
          known: true,
          probability: 1,
        },
      ],
      ...more,
    });
    expect(words.restart(0)).toEqual([]);
    expect(words.hear(event(4, 'a', { removed: [4, 5], droppedBefore: 2 }))).toMatchObject([
      { type: 'removed', word: 4 },
      { type: 'removed', word: 5 },
      { type: 'word', word: 4, text: 'a', start: 1 },
      { type: 'dropped', before: 2 },
    ]);
    expect(words.restart(30)).toEqual([{ type: 'dropped', before: 5 }]);
    expect(words.hear(event(0, 'b', { removed: [1], droppedBefore: 1 }))).toMatchObject([
      { type: 'removed', word: 6 },
      { type: 'word', word: 5, text: 'b', start: 31, end: 32 },
      { type: 'dropped', before: 6 },
    ]);
  });
});
