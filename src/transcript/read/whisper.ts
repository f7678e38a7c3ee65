import { z } from 'zod';
import { wordsIn } from '../words/text.js';
import { formatReader, hasList, maybe, memberAt, speakerSchema } from './format-reader.js';
import type { PhraseWord } from './phrase.js';

const time = maybe(z.number());
const wordSchema = z.looseObject({
  word: z.string(),
  start: time,
  end: time,
  /** faster-whisper and openai-whisper. */
  probability: time,
  /** WhisperX, which leaves times out of words that its alignment cannot place, such as numbers. */
  score: time,
  speaker: speakerSchema,
});
const segmentSchema = z.looseObject({
  text: z.string().default(''),
  start: z.number(),
  end: z.number(),
  speaker: speakerSchema,
  words: maybe(z.array(wordSchema)),
});

function wordOf({ word, probability, score, ...rest }: z.output<typeof wordSchema>): PhraseWord {
  return {
    text: word,
    start: rest.start,
    end: rest.end,
    speaker: rest.speaker,
    confidence: probability ?? score,
  };
}

/** Segments of openai-whisper, faster-whisper and WhisperX, with or without words; the list of them alone too. */
export const whisper = formatReader({
  name: 'whisper',
  matches: (document) => hasList(document, 'segments') || isSegment(document),
  schema: z.preprocess(
    (document) => (hasList(document, 'segments') ? document : { segments: [document] }),
    z.looseObject({ segments: z.array(segmentSchema) }),
  ),
  phrases: ({ segments }) =>
    segments.map(({ text, start, end, speaker, words }) => ({
      text,
      start,
      end,
      speaker,
      // No words at all is no word times.
      words: words !== undefined && words.length > 0 ? words.map(wordOf) : undefined,
    })),
});

function isSegment(document: unknown): boolean {
  return ['start', 'end', 'text'].every((key) => memberAt(document, [key]) !== undefined);
}

/** OpenAI's `verbose_json` with the times of words, which lie beside the segments and have no punctuation. */
export const openai = formatReader({
  name: 'openai',
  matches: (document) => memberAt(document, ['words', '0', 'word']) !== undefined && !isSegment(document),
  schema: z.looseObject({ text: z.string().default(''), words: z.array(wordSchema) }),
  phrases: ({ text, words }) => [{ text, words: punctuated(words.map(wordOf), wordsIn(text)) }],
});

/** The words as the text writes them, where it has the same ones. */
function punctuated(words: readonly PhraseWord[], written: readonly string[]): readonly PhraseWord[] {
  const isSame =
    words.length === written.length && words.every(({ text }, i) => letters(text) === letters(written[i]!));
  return isSame ? words.map((word, i) => ({ ...word, text: written[i]! })) : words;
}

function letters(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
