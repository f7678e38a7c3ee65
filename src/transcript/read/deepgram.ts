import { z } from 'zod';
import { formatReader, hasList, maybe, speakerSchema } from './format-reader.js';

const channelSchema = z.looseObject({
  alternatives: z.array(
    z.looseObject({
      transcript: z.string().default(''),
      words: z.array(
        z.looseObject({
          word: z.string(),
          punctuated_word: maybe(z.string()),
          start: z.number(),
          end: z.number(),
          confidence: maybe(z.number()),
          speaker: speakerSchema,
        }),
      ),
    }),
  ),
});

/** Deepgram, the answer for a recording, or the `Results` messages of a live stream: its best alternatives. */
export const deepgram = formatReader({
  name: 'deepgram',
  matches: (document) =>
    hasList(document, 'results', 'channels') || hasList(document, 'channel', 'alternatives'),
  schema: z.union([
    z.looseObject({ results: z.looseObject({ channels: z.array(channelSchema) }) }),
    z.looseObject({
      channel: channelSchema,
      /** Which of how many. */
      channel_index: maybe(z.tuple([z.int().min(0), z.int().min(1)])),
      is_final: maybe(z.boolean()),
    }),
  ]),
  phrases: (document) => {
    if ('results' in document) {
      const { channels } = document.results as { channels: z.output<typeof channelSchema>[] };
      return channels.flatMap((channel, i) => phrasesOf(channel, channels.length > 1 ? i : undefined));
    }
    const { channel, channel_index: index, is_final: isFinal } = document;
    // What is not final comes again.
    return isFinal === false
      ? []
      : phrasesOf(channel, index !== undefined && index[1] > 1 ? index[0] : undefined);
  },
});

function phrasesOf({ alternatives }: z.output<typeof channelSchema>, channel: number | undefined) {
  return alternatives.slice(0, 1).map(({ transcript, words }) => ({
    text: transcript,
    channel,
    words: words.map(({ word, punctuated_word: written, ...rest }) => ({ ...rest, text: written ?? word })),
  }));
}
