import { WhospeaksError } from '../../errors.js';
import { formatWords, isWordFormat } from '../words/formats/index.js';
import type { NamedWord } from '../words/name-words.js';
import type { TranscriptSegment } from '../segment.js';
import { formatTranscript, isTranscriptFormat, type AnyFormat } from './index.js';

/** What came of a recording; words where a transcript came with it. */
interface Result {
  readonly segments: readonly TranscriptSegment[];
  readonly duration: number;
  readonly transcript?: { readonly words: readonly NamedWord[] } | undefined;
}

/** Words, where the format has room for them. @throws {WhospeaksError} `invalid-option` where there must be some, and are none */
export function formatResult(recording: string, format: AnyFormat, result: Result): string {
  const { segments, duration, transcript } = result;
  if (transcript !== undefined && isWordFormat(format)) {
    return formatWords(format, { recording, duration, words: transcript.words });
  }
  if (isTranscriptFormat(format)) return formatTranscript(format, { recording, segments, duration });
  throw new WhospeaksError(
    'invalid-option',
    `format: ${format} is of words; send the recording with a "transcript" in a form`,
  );
}
