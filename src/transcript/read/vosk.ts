import { z } from 'zod';
import { formatReader, hasList, maybe, memberAt } from './format-reader.js';

const wordsSchema = maybe(
  z.array(z.looseObject({ word: z.string(), start: z.number(), end: z.number(), conf: maybe(z.number()) })),
);

/** Vosk's results, a document each; partial ones come again as results. */
export const vosk = formatReader({
  name: 'vosk',
  matches: (document) =>
    hasList(document, 'result') ||
    hasList(document, 'alternatives') ||
    ['text', 'partial'].some((key) => typeof memberAt(document, [key]) === 'string'),
  schema: z.looseObject({
    text: maybe(z.string()),
    result: wordsSchema,
    alternatives: maybe(z.array(z.looseObject({ text: maybe(z.string()), result: wordsSchema }))),
  }),
  phrases: ({ text = '', result, alternatives }) => {
    const best = alternatives?.[0] ?? { text, result };
    return [
      {
        text: best.text ?? '',
        words: best.result?.map(({ word, conf, start, end }) => ({
          text: word,
          start,
          end,
          confidence: conf,
        })),
      },
    ];
  },
});
