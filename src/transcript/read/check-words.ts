import { WhospeaksError } from '../../errors.js';
import type { Word } from '../words/word.js';

/** Characters of a file, and words in it: some days of speech. */
export const MAX_CHARACTERS = 128 * 1024 * 1024;
export const MAX_WORDS = 1_000_000;
/** Characters of one word: whoever writes more has no words. */
const MAX_WORD_CHARACTERS = 1000;
/** Recognisers' times of neighbouring words are inexact by as much, and no more, seconds. */
export const MAX_BACK_SECONDS = 1;

/**
 * Words in order of start, once they are words with times that go forward: of each channel and, where the recogniser tells
 * speakers, of each of them.
 *
 * @throws {WhospeaksError} `transcript-times`, `transcript-limit`; the message has the number of the word, from 1
 */
export function inOrder(words: readonly Word[]): Word[] {
  if (words.length > MAX_WORDS) {
    throw new WhospeaksError(
      'transcript-limit',
      `the transcript has ${words.length} words; at most ${MAX_WORDS} are read, so split the recording`,
    );
  }
  const last = new Map<string, number>();
  for (const [i, { text, start, end, speaker = '', channel = 0 }] of words.entries()) {
    const which = `word ${i + 1} ("${text.slice(0, 40)}")`;
    if (text.length > MAX_WORD_CHARACTERS)
      throw new WhospeaksError('transcript-limit', `${which} has ${text.length} characters, and is no word`);
    if (!(Number.isFinite(start) && Number.isFinite(end) && start >= 0)) {
      throw badTime(`${which} is from ${start} to ${end} s; times are seconds from the start`);
    }
    if (end < start) throw badTime(`${which} ends at ${end} s, before it starts at ${start} s`);
    const voice = `${channel} ${speaker}`;
    const before = last.get(voice) ?? 0;
    if (start < before - MAX_BACK_SECONDS) {
      throw badTime(
        `${which} starts at ${start} s, after a word that starts at ${before} s: times go backwards`,
      );
    }
    last.set(voice, Math.max(before, start));
  }
  return [...words].sort((a, b) => a.start - b.start);
}

function badTime(message: string): WhospeaksError {
  return new WhospeaksError('transcript-times', message);
}
