import { z } from 'zod';
import { formatReader, hasList, maybe, memberAt, speakerSchema } from './format-reader.js';

/** AssemblyAI's transcript: times are milliseconds, channels are numbered from 1. */
export const assemblyai = formatReader({
  name: 'assemblyai',
  matches: (document) =>
    hasList(document, 'words') &&
    ['status', 'audio_duration', 'utterances'].some((key) => memberAt(document, [key]) !== undefined),
  schema: z.looseObject({
    text: maybe(z.string()),
    words: z.array(
      z.looseObject({
        text: z.string(),
        start: z.number(),
        end: z.number(),
        confidence: maybe(z.number()),
        speaker: speakerSchema,
        channel: maybe(z.coerce.number().int().min(1)),
      }),
    ),
  }),
  phrases: ({ text = '', words }) => [
    {
      text,
      words: words.map(({ start, end, channel, ...word }) => ({
        ...word,
        start: start / 1000,
        end: end / 1000,
        channel: channel === undefined ? undefined : channel - 1,
      })),
    },
  ],
});
