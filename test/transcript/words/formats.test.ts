import { describe, expect, it } from 'vitest';
import { readTranscript } from '../../../src/transcript/read/index.js';
import { formatWords, WORD_FORMATS } from '../../../src/transcript/words/formats/index.js';
import { wordFit } from '../../../src/transcript/words/fit.js';

const word = (speaker: string, text: string, start: number, end: number, extra = {}) => ({
  speaker,
  known: !speaker.startsWith('unknown'),
  text,
  start,
  end,
  probability: 0.9,
  ...extra,
});
const talk = {
  recording: 'a call',
  duration: 100,
  words: [
    word('Mary Ann', 'Hello', 1, 1.5, { confidence: 0.5 }),
    word('Mary Ann', '<Bob>.', 1.5, 2),
    word('unknown-1', 'Hi_there!', 2.25, 3.0004),
    word('unknown-1', '你', 20, 20.5),
    word('unknown-1', '好', 20.5, 21),
  ],
};

describe('words under names', () => {
  it('are SubRip and WebVTT captions', () => {
    expect(formatWords('srt', talk)).toBe(
      '1\n00:00:01,000 --> 00:00:02,000\nMary Ann: Hello ‹Bob›.\n\n' +
        '2\n00:00:02,250 --> 00:00:03,000\nunknown-1: Hi_there!\n\n' +
        '3\n00:00:20,000 --> 00:00:21,000\nunknown-1: 你好\n',
    );
    expect(formatWords('vtt', talk).split('\n').slice(0, 5)).toEqual([
      'WEBVTT',
      '',
      '00:00:01.000 --> 00:00:02.000',
      '<v Mary Ann>Hello &lt;Bob&gt;.</v>',
      '',
    ]);
    const back = readTranscript(formatWords('vtt', talk)).words;
    expect(back.map(({ speaker, text }) => [speaker, text])).toEqual(
      talk.words.map(({ speaker, text }) => [speaker, text]),
    );
  });

  it('are captions that fit a screen and its time', () => {
    const words = Array.from({ length: 60 }, (_, i) => word('alice', `word${i}`, 0.3 * i, 0.3 * i + 0.3));
    const cues = formatWords('srt', { ...talk, words }).split('\n\n');
    const texts = cues.map((cue) => cue.split('\n')[2]!.replace('alice: ', ''));
    expect(texts.join(' ').split(' ')).toHaveLength(60);
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(84);
    expect(texts.length).toBeGreaterThan(4);
  });

  it('are JSON that is read again', () => {
    const { words, format } = readTranscript(formatWords('json', talk));
    expect(format).toBe('whospeaks');
    expect(words).toEqual(
      talk.words.map(({ known, probability, end, ...rest }) => ({
        ...rest,
        end: Math.round(end * 1000) / 1000,
      })),
    );
    expect(JSON.parse(formatWords('json', talk))).toMatchObject({
      recording: 'a call',
      words: [{ known: true, probability: 0.9 }, {}, { known: false, end: 3 }, {}, {}],
    });
  });

  it('are minutes, and plain text', () => {
    expect(formatWords('md', talk)).toBe(
      '# a call\n\n**Mary Ann** (00:01.0): Hello \\<Bob\\>.\n\n' +
        '**unknown-1** (00:02.3): Hi\\_there!\n\n**unknown-1** (00:20.0): 你好\n',
    );
    expect(formatWords('txt', talk).split('\n')[0]).toBe('00:01.0  Mary Ann: Hello <Bob>.');
  });

  it('are CTM and STM', () => {
    expect(formatWords('ctm', talk).split('\n').slice(0, 2)).toEqual([
      'a_call 1 1.000 0.500 Hello 0.500 lex Mary_Ann',
      'a_call 1 1.500 0.500 <Bob>. NA lex Mary_Ann',
    ]);
    const right = { ...talk, words: [word('bob', 'Yes.', 1, 2, { channel: 1 })] };
    expect(formatWords('stm', right)).toBe('a_call 2 bob 1.000 2.000 Yes.\n');
    const twins = { ...talk, words: [word('Mary Ann', 'a', 0, 1), word('Mary_Ann', 'b', 1, 2)] };
    for (const format of ['ctm', 'stm'] as const) {
      expect(() => formatWords(format, twins)).toThrow(
        expect.objectContaining({ code: 'invalid-option' }) as Error,
      );
    }
  });

  it('are CTM and STM in order of channel, and of time within it', () => {
    const words = [0, 1, 0, 1].map((channel, i) => word(`s${channel}`, `w${i}`, i, i + 0.5, { channel }));
    const column = (format: 'ctm' | 'stm', at: number) =>
      formatWords(format, { ...talk, words })
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[at]);
    expect(column('ctm', 4)).toEqual(['w0', 'w2', 'w1', 'w3']);
    expect(column('stm', 1)).toEqual(['1', '1', '2', '2']);
  });

  it('have cues that last, however short a word', () => {
    const words = [word('bob', 'hm', 3, 3)];
    expect(formatWords('vtt', { ...talk, words })).toContain('00:00:03.000 --> 00:00:03.100\n');
    expect(formatWords('srt', { ...talk, words })).toContain('00:00:03,000 --> 00:00:03,100\n');
  });

  it('are of no other format', () => {
    for (const format of ['docx', 'toString'] as const) {
      expect(() => formatWords(format as 'txt', talk)).toThrow(
        expect.objectContaining({
          code: 'invalid-option',
          message: expect.stringContaining(`"${format}" is none of txt, md`) as string,
        }) as Error,
      );
    }
  });

  it('stay on their lines, whatever blanks a word has', () => {
    const words = [word('bob', 'a\n\n2', 0, 1)];
    expect(formatWords('stm', { ...talk, words })).toBe('a_call 1 bob 0.000 1.000 a 2\n');
    expect(formatWords('ctm', { ...talk, words })).toContain(' a_2 NA ');
  });

  it('are written in no more time a word where one speaker talks for hours', () => {
    const words = Array.from({ length: 150_000 }, (_, i) => word('bob', 'hello', i, i + 1));
    const began = performance.now();
    expect(formatWords('txt', { ...talk, words })).toHaveLength(14 + 150_000 * 6);
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it.each(WORD_FORMATS)('are %s without words', (format) => {
    const text = formatWords(format, { ...talk, words: [] });
    expect(text).not.toContain('undefined');
  });
});

describe('how a transcript fits a recording', () => {
  const segments = Array.from({ length: 10 }, (_, i) => ({
    speaker: `s${i % 2}`,
    known: false,
    start: 10 * i,
    end: 10 * i + 5,
    probability: 1,
  }));
  const words = (offset: number) =>
    segments.flatMap(({ start }) =>
      [0, 1, 2, 3].map((i) => ({ text: 'w', start: start + i + offset, end: start + i + offset + 0.9 })),
    );
  it('is well where words lie in speech, and doubtful elsewhere', () => {
    expect(wordFit(words(0.5), segments, 100)).toEqual({ spoken: 1, beyond: 0, isDoubtful: false });
    expect(wordFit(words(3), segments, 100)).toMatchObject({ isDoubtful: true });
    expect(wordFit(words(50), segments, 100)).toMatchObject({ beyond: 20, isDoubtful: true });
    expect(wordFit(words(50).slice(0, 5), segments, 100)).toMatchObject({ isDoubtful: false });
  });
});
