import type { TranscriptSegment } from './segment.js';

/** Who spoke when in one recording: what a writer writes. */
export interface Transcript {
  /** What the recording is called. */
  readonly recording: string;
  /** Length of the recording, seconds; at least the end of the last segment. */
  readonly duration: number;
  /** In order of start, then of end; those of different speakers may overlap. */
  readonly segments: readonly TranscriptSegment[];
}

/** Writes a transcript in one format. Throws `invalid-option` where the format cannot hold it. */
export type TranscriptWriter = (transcript: Transcript) => string;
