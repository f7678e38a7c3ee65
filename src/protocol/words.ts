import type { WireEvent } from '../events/wire-schemas.js';
import type { Word } from '../transcript/words/word.js';

/** Words of one message. A guess that has more is none; finals go in several messages. */
export const MAX_WORDS = 100;
/** Characters of one word. */
export const MAX_WORD_CHARACTERS = 200;
/** How far beyond the audio that was sent before them words may end. */
export const MAX_WORDS_AHEAD_SECONDS = 10;
/** Words of a stream, or of each of its channels, that may begin within any 10 s. */
export const MAX_WORDS_IN_TEN_SECONDS = 200;
/** Words of a stream that are kept, and may be named anew. */
export const MAX_KEPT_WORDS = 4000;

/** A word as a recogniser tells it. Times are seconds from the start of the stream, skipped audio included. */
export type StreamWord = Pick<Word, 'text' | 'start' | 'end' | 'confidence'>;

/** What a recogniser tells: words that stay, or a guess. */
export interface StreamWords {
  /** In order of start. */
  readonly words: readonly StreamWord[];
  /** They stay, and follow the final ones before. Otherwise they are a guess, which the next message replaces. */
  readonly final: boolean;
  /**
   * Of a stream whose channels are heard apart (`audio: 'channels'`): which channel all of them are of, from 0. A guess is replaced
   * by its own channel. Without it, words go to whoever speaks on any channel.
   */
  readonly channel?: number | undefined;
}

/**
 * Words of a recogniser, of a stream whose hello asked for them (`words`). Answered by events of type `words`, or an `error`
 * that is not fatal; either way the number is taken.
 */
export interface WordsMessage extends StreamWords {
  readonly type: 'words';
  /** 0, 1, 2 … over the session. A number that the server has taken is ignored. */
  readonly sequence: number;
}

/** Words under names. */
export type NamedWordsEvent = Extract<WireEvent, { type: 'words' }>;
