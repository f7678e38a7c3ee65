import type { NamedWord } from '../name-words.js';

/** Who said what in one recording: what a writer writes. */
export interface NamedTranscript {
  /** What the recording is called. */
  readonly recording: string;
  /** Length of the recording, seconds. */
  readonly duration: number;
  /** In order of start. */
  readonly words: readonly NamedWord[];
}

/** Writes words under names in one format. Throws `invalid-option` where the format cannot hold it. */
export type WordWriter = (transcript: NamedTranscript) => string;
