/** What a reader makes of its format: the one form from which words are made. Times are seconds. */
export interface Phrase {
  readonly text: string;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly speaker?: string | undefined;
  readonly confidence?: number | undefined;
  readonly channel?: number | undefined;
  /** Absent where the format tells the times of phrases alone: its text is then spread over its time. */
  readonly words?: readonly PhraseWord[] | undefined;
}

/** A word of it; what it does not tell, such as its times, is taken from the phrase or from its neighbours. */
export type PhraseWord = Omit<Phrase, 'words'>;
