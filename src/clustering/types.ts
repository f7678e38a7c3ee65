import type { Profile } from '../speakers/profile.js';

/** A stretch in which one speaker is heard. Segments of two speakers overlap where both talk at once. */
export interface DiarizedSegment {
  /** An enrolled speaker's name, or `unknown-1`, `unknown-2`, ... in order of who is heard first. */
  readonly speaker: string;
  /** The speaker is enrolled. */
  readonly known: boolean;
  /** Seconds from the start of the recording. */
  readonly start: number;
  /** Seconds, exclusive. */
  readonly end: number;
  /** That this speaker is the one who is heard here, 0 to 1. */
  readonly probability: number;
  /** With `audio: 'channels'`: which channel, from 0. */
  readonly channel?: number;
}

/** A speaker of the recording. */
export interface DiarizedSpeaker {
  readonly label: string;
  readonly known: boolean;
  /** Seconds of speech in all segments together. */
  readonly seconds: number;
  /**
   * Of an enrolled speaker: the profile that was given. Of another: what was heard here; a store keeps it under a name as
   * `{ ...profile, name: 'carol' }`.
   */
  readonly profile: Profile;
  readonly channel?: number;
}

/** Who spoke when. */
export interface Diarization {
  /** In order of start, then of end. */
  readonly segments: readonly DiarizedSegment[];
  /** In order of who is heard first. Silence: none. */
  readonly speakers: readonly DiarizedSpeaker[];
  /** Length of the recording, seconds; of the longest channel. */
  readonly duration: number;
}

/** How far a diarization has come. */
export interface DiarizeProgress {
  /** `listening`: the networks run over the recording; `clustering`: who is who is settled, at the end. */
  readonly stage: 'listening' | 'clustering';
  /** Seconds of the recording that are heard. */
  readonly position: number;
  /** Length of the recording, seconds, where the source tells it. */
  readonly duration?: number | undefined;
  readonly channel?: number;
}
