import type { SpeakerCount } from '../../clustering/speaker-count.js';
import { diarize } from '../../diarize.js';
import { hearWords } from '../../hear-words.js';
import type { SpeakerModel } from '../../native/index.js';
import type { Profile } from '../../speakers/index.js';
import { wordFit, type WordFit } from '../../transcript/words/fit.js';
import { nameWords, type NamedWord } from '../../transcript/words/name-words.js';
import type { Word } from '../../transcript/words/word.js';
import { openRecording } from '../audio-input.js';

export interface NameRecordingOptions {
  readonly model: SpeakerModel;
  readonly profiles: readonly Profile[];
  readonly count: SpeakerCount;
  readonly signal: AbortSignal;
}

export interface NamedRecording {
  readonly words: readonly NamedWord[];
  readonly duration: number;
  readonly fit: WordFit;
}

/** The words of a recording under its speakers: heard once for who speaks when, and once more for doubtful words. */
export async function nameRecording(
  path: string,
  words: readonly Word[],
  { model, profiles, count, signal }: NameRecordingOptions,
): Promise<NamedRecording> {
  const { segments, duration } = await diarize(model, openRecording(path), { ...count, profiles, signal });
  const voices = await hearWords(model, openRecording(path), words, segments, { signal });
  return { words: nameWords(words, segments, { voices }), duration, fit: wordFit(words, segments, duration) };
}
