import { utterancesOf, type NamedWord, type RecordingTranscript, type Utterance } from '../client/index.js';
import { LINE_LIMITS } from './captions.js';

/** Whether a file is what a recogniser wrote, by its name: sound is never called so. */
export function isTranscript({ name }: File): boolean {
  return /\.(json|srt|vtt|txt)$/i.test(name);
}

/** Who said what, a line an utterance. */
export function captionsOf(transcript: RecordingTranscript | undefined): Utterance[] {
  const words = (transcript?.words ?? []).map(({ startSeconds, endSeconds, ...word }): NamedWord => ({
    ...word,
    start: startSeconds,
    end: endSeconds,
  }));
  return utterancesOf(words, LINE_LIMITS);
}

/** What there is to be said of a transcript. */
export function noteOf(transcript: RecordingTranscript | undefined): string {
  if (transcript === undefined) return '';
  const { isDoubtful, estimatedWords, words } = transcript;
  if (isDoubtful) return 'Its words hardly lie in speech: is it the transcript of this recording?';
  if (words.length === 0) return 'The transcript has no words.';
  if (estimatedWords === 0) return '';
  return 'It tells times of phrases alone: names may be wrong where speakers change.';
}
