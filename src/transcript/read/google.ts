import { z } from 'zod';
import { formatReader, hasList, maybe, memberAt, speakerSchema } from './format-reader.js';
import type { Phrase } from './phrase.js';

/** `1.300s`, or the fields of a duration as client libraries print them, whose zeros are left out. */
const durationSchema = z.union([
  z
    .string()
    .regex(/^\d+(\.\d+)?s$/, 'expected a duration such as 1.300s')
    .transform((text) => Number(text.slice(0, -1))),
  z
    .looseObject({ seconds: maybe(z.coerce.number()), nanos: maybe(z.number()) })
    .transform(({ seconds = 0, nanos = 0 }) => seconds + nanos / 1e9),
]);
const duration = maybe(durationSchema);

const resultsSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      channelTag: maybe(z.int().min(0)),
      alternatives: z
        .array(
          z.looseObject({
            transcript: z.string().default(''),
            confidence: maybe(z.number()),
            words: maybe(
              z.array(
                z.looseObject({
                  word: z.string(),
                  startTime: duration,
                  endTime: duration,
                  startOffset: duration,
                  endOffset: duration,
                  confidence: maybe(z.number()),
                  speakerTag: speakerSchema,
                  speakerLabel: speakerSchema,
                }),
              ),
            ),
          }),
        )
        .default([]),
    }),
  ),
});
type Results = z.output<typeof resultsSchema>['results'];

/** Google Cloud Speech-to-Text, v1 and v2, an answer or an operation with one. */
export const google = formatReader({
  name: 'google',
  matches: (document) => hasList(document, 'results') || hasList(document, 'response', 'results'),
  schema: z.preprocess(
    (document) => (hasList(document, 'results') ? document : memberAt(document, ['response'])),
    resultsSchema,
  ),
  phrases: ({ results }) => {
    const channels = new Set(results.map(({ channelTag }) => channelTag));
    return withSpeakersOnce(results).flatMap(({ alternatives, channelTag }) =>
      alternatives.slice(0, 1).map(({ transcript, words }): Phrase => ({
        text: transcript,
        channel: channels.size > 1 && channelTag !== undefined ? Math.max(0, channelTag - 1) : undefined,
        words: words?.map(({ word, confidence, ...told }) => {
          const end = told.endTime ?? told.endOffset;
          return {
            text: word,
            // A start of zero may be left out.
            start: end === undefined ? undefined : (told.startTime ?? told.startOffset ?? 0),
            end,
            // Zero says that there is none.
            confidence: confidence === 0 ? undefined : confidence,
            speaker: told.speakerLabel ?? told.speakerTag,
          };
        }),
      })),
    );
  },
});

/** v1 tells speakers in the last result, which repeats the words of all the others. */
function withSpeakersOnce(results: Results): Results {
  const isTagged = ({ alternatives }: Results[number]): boolean =>
    alternatives[0]?.words?.some(({ speakerTag }) => speakerTag !== undefined && speakerTag !== '0') ?? false;
  const last = results.at(-1);
  const repeats = last !== undefined && isTagged(last) && !results.slice(0, -1).some(isTagged);
  return repeats ? [last] : results;
}
