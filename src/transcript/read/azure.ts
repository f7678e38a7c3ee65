import { z } from 'zod';
import { formatReader, hasList, maybe, speakerSchema } from './format-reader.js';
import type { Phrase, PhraseWord } from './phrase.js';

/** Ticks of 100 ns. */
const TICKS = 10_000_000;
const count = z.number();
const channel = maybe(z.int().min(0));

const batchTimes = { offsetInTicks: count, durationInTicks: count };
const batchSchema = z.looseObject({
  recognizedPhrases: z.array(
    z.looseObject({
      ...batchTimes,
      channel,
      speaker: speakerSchema,
      nBest: z.array(
        z.looseObject({
          display: z.string().default(''),
          confidence: maybe(count),
          words: maybe(z.array(z.looseObject({ word: z.string(), ...batchTimes, confidence: maybe(count) }))),
          displayWords: maybe(z.array(z.looseObject({ displayText: z.string(), ...batchTimes }))),
        }),
      ),
    }),
  ),
});

/** Batch transcription. Its display words have the punctuation. */
export const azureBatch = formatReader({
  name: 'azure',
  matches: (document) => hasList(document, 'recognizedPhrases'),
  schema: batchSchema,
  phrases: ({ recognizedPhrases }) => {
    const channels = new Set(recognizedPhrases.map((phrase) => phrase.channel));
    return recognizedPhrases.flatMap(({ nBest, speaker, channel: which, ...times }) =>
      nBest.slice(0, 1).map(({ display, confidence, words, displayWords }): Phrase => ({
        text: display,
        ...ofTicks(times.offsetInTicks, times.durationInTicks),
        speaker,
        confidence,
        channel: channels.size > 1 ? which : undefined,
        words:
          displayWords?.map((word) => ({
            text: word.displayText,
            ...ofTicks(word.offsetInTicks, word.durationInTicks),
          })) ??
          words?.map((word) => ({
            text: word.word,
            ...ofTicks(word.offsetInTicks, word.durationInTicks),
            confidence: word.confidence,
          })),
      })),
    );
  },
});

const fastTimes = {
  offsetMilliseconds: maybe(count),
  durationMilliseconds: maybe(count),
  /** As previews of it told the same. */
  offset: maybe(count),
  duration: maybe(count),
};
type FastTimes = { readonly [Name in keyof typeof fastTimes]?: number | undefined };

/** Fast transcription. */
export const azureFast = formatReader({
  name: 'azure',
  matches: (document) => hasList(document, 'phrases') && hasList(document, 'combinedPhrases'),
  schema: z.looseObject({
    phrases: z.array(
      z.looseObject({
        ...fastTimes,
        text: z.string(),
        channel,
        speaker: speakerSchema,
        confidence: maybe(count),
        words: maybe(z.array(z.looseObject({ text: z.string(), ...fastTimes }))),
      }),
    ),
  }),
  phrases: ({ phrases }) =>
    phrases.map(({ text, channel: which, speaker, confidence, words, ...times }) => ({
      text,
      ...ofMilliseconds(times),
      channel: which,
      speaker,
      confidence,
      words: words?.map((word): PhraseWord => ({ text: word.text, ...ofMilliseconds(word) })),
    })),
});

const sdkTimes = { Offset: count, Duration: count };
const sdkSchema = z.looseObject({
  NBest: z.array(
    z.looseObject({
      Display: z.string().default(''),
      Confidence: maybe(count),
      Words: maybe(z.array(z.looseObject({ Word: z.string(), ...sdkTimes }))),
      DisplayWords: maybe(z.array(z.looseObject({ DisplayText: z.string(), ...sdkTimes }))),
    }),
  ),
  ...sdkTimes,
  SpeakerId: speakerSchema,
});

/** Detailed results of the Speech SDK, a document each. */
export const azureSdk = formatReader({
  name: 'azure',
  matches: (document) => hasList(document, 'NBest'),
  schema: sdkSchema,
  phrases: ({ NBest, SpeakerId, Offset, Duration }) =>
    NBest.slice(0, 1).map(({ Display, Confidence, Words, DisplayWords }) => ({
      text: Display,
      ...ofTicks(Offset, Duration),
      speaker: SpeakerId,
      confidence: Confidence,
      words:
        DisplayWords?.map((word) => ({ text: word.DisplayText, ...ofTicks(word.Offset, word.Duration) })) ??
        Words?.map((word) => ({ text: word.Word, ...ofTicks(word.Offset, word.Duration) })),
    })),
});

function ofTicks(offset: number, duration: number) {
  return { start: offset / TICKS, end: (offset + duration) / TICKS };
}

function ofMilliseconds(times: FastTimes) {
  const offset = times.offsetMilliseconds ?? times.offset;
  const duration = times.durationMilliseconds ?? times.duration;
  return offset === undefined || duration === undefined
    ? {}
    : { start: offset / 1000, end: (offset + duration) / 1000 };
}
