import { z } from 'zod';
import { formatReader, hasList, maybe } from './format-reader.js';
import type { PhraseWord } from './phrase.js';
import { wordsOfTokens } from './tokens.js';

const offsets = z.looseObject({ from: z.number(), to: z.number() });

/** `whisper-cli --output-json` and `--output-json-full`: offsets are milliseconds; tokens come with the latter alone. */
export const whisperCpp = formatReader({
  name: 'whisper.cpp',
  matches: (document) => hasList(document, 'transcription'),
  schema: z.looseObject({
    transcription: z.array(
      z.looseObject({
        text: z.string(),
        offsets,
        tokens: maybe(
          z.array(z.looseObject({ text: z.string(), offsets: maybe(offsets), p: maybe(z.number()) })),
        ),
      }),
    ),
  }),
  phrases: ({ transcription }) =>
    transcription.map(({ text, offsets: { from, to }, tokens }) => ({
      text,
      start: from / 1000,
      end: to / 1000,
      words: tokens && wordsOfTokens(tokens.filter(({ text: token }) => !isMark(token)).map(tokenOf)),
    })),
});

/** `[_BEG_]`, `[_TT_550]`, `<|endoftext|>`. */
function isMark(token: string): boolean {
  return /^(\[_.*\]|<\|.*\|>)$/.test(token);
}

function tokenOf({
  text,
  offsets: times,
  p,
}: {
  text: string;
  offsets?: { from: number; to: number } | undefined;
  p?: number | undefined;
}): PhraseWord {
  return {
    text,
    start: times && times.from / 1000,
    // A token may end where an earlier one does.
    end: times && Math.max(times.from, times.to) / 1000,
    confidence: p,
  };
}
