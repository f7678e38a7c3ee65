import { z } from 'zod';
import { formatReader, hasList, maybe } from './format-reader.js';
import { wordsOfTokens } from './tokens.js';

/** A token whose length is not told lasts until the next one, and no longer than this, seconds. */
const MAX_TOKEN_SECONDS = 0.4;

/** Results of sherpa-onnx: where each token starts; some models tell how long it lasts. */
export const sherpaOnnx = formatReader({
  name: 'sherpa-onnx',
  matches: (document) => hasList(document, 'tokens') && hasList(document, 'timestamps'),
  schema: z
    .looseObject({
      text: z.string().default(''),
      tokens: z.array(z.string()),
      timestamps: z.array(z.number()),
      durations: maybe(z.array(z.number())),
      /** Of a segment of a stream: where it begins, seconds. */
      start_time: maybe(z.number()),
    })
    .refine(({ tokens, timestamps }) => timestamps.length === 0 || tokens.length === timestamps.length, {
      path: ['timestamps'],
      message: 'expected a time for each token',
    }),
  phrases: ({ text, tokens, timestamps, durations = [], start_time: offset = 0 }) => {
    if (timestamps.length === 0) return [{ text }];
    const pieces = tokens.map((token, i) => {
      const start = timestamps[i]!;
      const until = start + (durations[i] ?? MAX_TOKEN_SECONDS);
      return {
        text: token,
        start: offset + start,
        end: offset + Math.min(until, timestamps[i + 1] ?? until),
      };
    });
    return [{ text, words: wordsOfTokens(pieces) }];
  },
});
