import type { Word } from '../../../src/transcript/words/word.js';

export interface FormatCase {
  readonly name: string;
  readonly format: string;
  /** JSON, or the file's text. */
  readonly document: unknown;
  readonly words: readonly Word[];
  readonly estimatedWords?: number;
}

/** One greeting as all of them tell it. */
export const SAID: readonly Word[] = [
  { text: 'Hello,', start: 0.5, end: 1 },
  { text: 'Bob.', start: 1.25, end: 1.75 },
];
export const [HELLO, BOB] = SAID as [Word, Word];
export const lower = (extra: Partial<Word> = {}): Word[] => [
  { ...HELLO, text: 'hello', ...extra },
  { ...BOB, text: 'bob', ...extra },
];
/** As it is where the times of the phrase alone are known. */
export const SPREAD: readonly Word[] = [
  { text: 'Hello,', start: 0.5, end: 1.25 },
  { text: 'Bob.', start: 1.25, end: 1.75 },
];
