import type { Diarization } from '../../clustering/types.js';
import { WhospeaksError } from '../../errors.js';
import { hearWords } from '../../hear-words.js';
import type { SpeakerModel } from '../../native/index.js';
import type { AudioSource } from '../../stream/types.js';
import type { WordTranscript } from '../../transcript/read/index.js';
import { wordFit } from '../../transcript/words/fit.js';
import { nameWords } from '../../transcript/words/name-words.js';
import type { NamedTranscript } from '../../protocol/recording-result.js';

/** Nobody says as many; what is kept of a recording goes by its length. */
const MAX_WORDS_PER_SECOND = 20;
const MAX_WORDS = 100_000;
/** Words that a recording may have however short it is. */
const FREE_WORDS = 100;

/**
 * The words of a transcript under the speakers of its recording.
 * @param open the recording again, to hear doubtful words; null where they are named by their times alone
 * Rejects with `transcript-limit` where there are more words than the recording has room for, or as `hearWords`.
 */
export async function nameTranscript(
  { format, words, estimatedWords }: WordTranscript,
  { segments, duration }: Diarization,
  model: SpeakerModel,
  open: (() => AudioSource) | null,
): Promise<NamedTranscript> {
  const most = Math.min(MAX_WORDS, FREE_WORDS + Math.floor(MAX_WORDS_PER_SECOND * duration));
  if (words.length > most) {
    throw new WhospeaksError(
      'transcript-limit',
      `the transcript has ${words.length} words for ${duration.toFixed(0)} s; at most ${most} are taken`,
    );
  }
  const voices = open === null ? undefined : await hearWords(model, open(), words, segments);
  const { isDoubtful } = wordFit(words, segments, duration);
  return { format, estimatedWords, isDoubtful, words: nameWords(words, segments, { voices }) };
}
