import { WhospeaksError } from '../../../errors.js';
import { writeSrtWords, writeVttWords } from './captions.js';
import { writeJsonWords } from './json.js';
import type { NamedTranscript, WordWriter } from './named-transcript.js';
import { writeCtm, writeStm } from './nist.js';
import { writeMinutes, writeTextWords } from './readable.js';

/** By format, which is also what a file of it ends in behind the dot. */
const FORMATS = {
  txt: writeTextWords,
  md: writeMinutes,
  json: writeJsonWords,
  srt: writeSrtWords,
  vtt: writeVttWords,
  ctm: writeCtm,
  stm: writeStm,
} satisfies Record<string, WordWriter>;

export type WordFormat = keyof typeof FORMATS;

export const WORD_FORMATS = Object.keys(FORMATS) as readonly WordFormat[];

export function isWordFormat(name: string): name is WordFormat {
  return Object.hasOwn(FORMATS, name);
}

/**
 * Who said what, as text of a format.
 * @throws {WhospeaksError} `invalid-option` for another format, and where the format cannot tell two speakers apart
 */
export function formatWords(format: WordFormat, transcript: NamedTranscript): string {
  if (!isWordFormat(format)) {
    throw new WhospeaksError(
      'invalid-option',
      `formatWords: "${String(format)}" is none of ${WORD_FORMATS.join(', ')}`,
    );
  }
  return FORMATS[format](transcript);
}
