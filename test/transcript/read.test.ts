import { describe, expect, it } from 'vitest';
import { Random } from '../../src/acoustics/random.js';
import { isWhospeaksError } from '../../src/errors.js';
import { readTranscript } from '../../src/transcript/read/index.js';
import { Mutator, NASTY } from '../mutator.js';
import { LOCAL } from './recognisers/local.js';
import { SERVICES } from './recognisers/services.js';

const FORMATS = [...LOCAL, ...SERVICES];

const at = (text: string, start: number, end: number) => ({ text, start, end });
const coded = (code: string, message: RegExp): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

describe('the transcript of a recogniser', () => {
  it.each(FORMATS)('$name', ({ document, format, words, estimatedWords = 0 }) => {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    const read = readTranscript(text);
    expect(read.format).toBe(format);
    expect(read.words).toEqual(words);
    expect(read.estimatedWords).toBe(estimatedWords);
    // A program has it parsed already.
    if (typeof document !== 'string') expect(readTranscript(document)).toEqual(read);
  });

  it('is told by its structure alone', () => {
    const formats = FORMATS.map(({ format }) => format);
    expect(new Set(formats).size).toBe(12);
  });

  it('has words in order, whatever order channels come in', () => {
    const channel = (word: string, start: number) => ({
      alternatives: [{ transcript: word, words: [{ word, start, end: start + 0.5 }] }],
    });
    const { words } = readTranscript({ results: { channels: [channel('later', 7), channel('first', 1)] } });
    expect(words).toEqual([
      { ...at('first', 1, 1.5), channel: 1 },
      { ...at('later', 7, 7.5), channel: 0 },
    ]);
  });

  it('has a sign of Chinese as a word', () => {
    const { words } = readTranscript('1\n00:00:01,000 --> 00:00:03,000\n你好，Anna 好\n');
    expect(words.map(({ text }) => text)).toEqual(['你', '好，', 'Anna', '好']);
    expect(words[2]!.start).toBeCloseTo(1 + (2 * 3) / 8);
  });

  it('has the characters that references of captions stand for, in names too', () => {
    const cue = '<v.loud Tom &amp; Jo>It&#39;s&#x21; &lt;b&gt; &rlm;\u05d0 &#0; &#9999999;';
    const { words } = readTranscript(`WEBVTT\n\n00:01.000 --> 00:02.000\n${cue}\n`);
    expect(words.map(({ text }) => text)).toEqual(["It's!", '<b>', '\u200f\u05d0', '&#0;', '&#9999999;']);
    expect(words[0]!.speaker).toBe('Tom & Jo');
  });

  it.each(['\n', '\r\n', '\r'])('has lines that end in %j', (end) => {
    const lines = [
      '\uFEFFWEBVTT',
      '',
      'NOTE of',
      'two lines',
      '',
      '00:01.000 --> 00:02.000 line:0',
      'a',
      'b',
      '',
    ];
    const { words, format } = readTranscript(lines.join(end));
    expect([format, ...words.map(({ text }) => text)]).toEqual(['vtt', 'a', 'b']);
  });

  it('may hold no words', () => {
    expect(readTranscript({ segments: [] })).toEqual({ format: 'whisper', words: [], estimatedWords: 0 });
    expect(readTranscript('WEBVTT\n').words).toEqual([]);
  });
});

/** A copy of JSON in which one member, however deep, is another value or is gone. */
function damaged(value: unknown, mutator: Mutator): unknown {
  if (typeof value !== 'object' || value === null || mutator.chance(0.1)) return mutator.pick(NASTY);
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  const keys = Object.keys(copy);
  if (keys.length === 0) return mutator.pick(NASTY);
  const key = mutator.pick(keys);
  if (mutator.chance(0.1)) Reflect.deleteProperty(copy, key);
  else copy[key] = damaged(copy[key], mutator);
  return copy;
}

describe('a transcript that cannot be read', () => {
  it.each([
    ['no JSON', '{"segments": ['],
    ['prose', 'Hello, this is what was said.'],
    ['other JSON', '{"rows": [1, 2]}'],
    ['a number', '7'],
    ['nothing', ''],
    ['no list of documents', '[]'],
    ['two formats in one', '{"partial": ""} {"segments": []}'],
  ])('%s has a code', (_, text) => {
    expect(() => readTranscript(text)).toThrow(
      coded('transcript-format', /known: expected JSON of whisper\.cpp/),
    );
  });

  it('says where a member is of another type', () => {
    const bad = {
      results: { channels: [{ alternatives: [{ words: [{ word: 'a', start: '1', end: 2 }] }] }] },
    };
    expect(() => readTranscript(bad)).toThrow(
      coded(
        'transcript-format',
        /deepgram, but results\.channels\.0\.alternatives\.0\.words\.0\.start: expected number, received string/,
      ),
    );
    const segment = { start: 0, end: '1', text: 'a' };
    expect(() => readTranscript({ segments: [segment] })).toThrow(
      coded('transcript-format', /whisper, but segments\.0\.end: expected number/),
    );
    expect(() => readTranscript([segment])).toThrow(
      coded('transcript-format', /whisper, but segments\.0\.end: expected/),
    );
    const said = { word: 'a', startTime: '1', endTime: '2s' };
    expect(() => readTranscript({ results: [{ alternatives: [{ words: [said] }] }] })).toThrow(
      coded('transcript-format', /words\.0\.startTime: expected a duration such as 1\.300s/),
    );
    const tokens = { text: 'a b', tokens: [' a', ' b'], timestamps: [1] };
    expect(() => readTranscript(tokens)).toThrow(
      coded('transcript-format', /sherpa-onnx, but timestamps: expected a time for each token/),
    );
    expect(() => readTranscript('WEBVTT\n\n00:01 --> 0:02:00.000\nhello')).toThrow(
      coded('transcript-format', /^line 3: expected times/),
    );
  });

  it('says that words have no times', () => {
    expect(() => readTranscript({ text: 'hello there' })).toThrow(
      coded('transcript-times', /no times of "hello".*ask the recogniser/),
    );
    const google = { results: [{ alternatives: [{ transcript: 'hello', words: [{ word: 'hello' }] }] }] };
    expect(() => readTranscript(google)).toThrow(coded('transcript-times', /no times of "hello"/));
  });

  const segments = (...words: readonly (readonly [number, number])[]) => ({
    text: '',
    words: words.map(([start, end]) => ({ word: 'hm', start, end })),
  });
  it('says that times go backwards', () => {
    expect(() => readTranscript(segments([0, 1], [5, 4]))).toThrow(
      coded('transcript-times', /word 2 \("hm"\) ends at 4 s, before it starts at 5 s/),
    );
    expect(() => readTranscript(segments([0, 1], [9, 10], [3, 4]))).toThrow(
      coded('transcript-times', /word 3 \("hm"\) starts at 3 s, after a word that starts at 9 s/),
    );
    expect(() => readTranscript(segments([-1, 1]))).toThrow(coded('transcript-times', /is from -1 to 1 s/));
    // Neighbours that recognisers tell in the other order are none.
    expect(readTranscript(segments([1, 2], [0.5, 1])).words.map(({ start }) => start)).toEqual([0.5, 1]);
  });

  it('says that it is too large', () => {
    const many = { text: '', words: new Array(1_000_001).fill({ word: 'hm', start: 1, end: 2 }) };
    expect(() => readTranscript(many)).toThrow(coded('transcript-limit', /1000001 words; at most 1000000/));
    const long = segments([0, 1]);
    long.words[0]!.word = 'x'.repeat(1001);
    expect(() => readTranscript(long)).toThrow(coded('transcript-limit', /has 1001 characters/));
  });

  it('is read or has a code, whatever is wrong with it', () => {
    const mutator = new Mutator(new Random(32));
    const codes = new Map<string, number>();
    for (let i = 0; i < 4000; i++) {
      const { document } = mutator.pick(FORMATS);
      const bad = typeof document === 'string' ? mutator.text(document) : damaged(document, mutator);
      try {
        readTranscript(bad);
      } catch (error) {
        if (!isWhospeaksError(error)) throw error;
        codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      }
    }
    expect([...codes.keys()].sort()).toEqual(['transcript-format', 'transcript-times']);
  });

  it('takes no longer for many words without times among others', () => {
    const words = Array.from({ length: 200_001 }, (_, i) =>
      i % 2 === 0 ? { word: 'hm', start: i, end: i + 1 } : { word: 'hm' },
    );
    const began = performance.now();
    expect(readTranscript({ text: '', words }).estimatedWords).toBe(100_000);
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it('takes no longer for mark-up that never ends', () => {
    const began = performance.now();
    readTranscript(`WEBVTT\n\n00:00.000 --> 00:01.000\n${'<'.repeat(500)}${' <{\\'.repeat(50_000)}`);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
