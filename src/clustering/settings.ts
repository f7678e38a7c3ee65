/**
 * What was chosen, not derived; `npm run accuracy -- --diarization --tune` measures each on conversations of training
 * speakers who are in no table.
 */
export const DIARIZATION = {
  /** From one window to the next, frames of the segmentation network (270 samples). Smaller: more looks at each frame, and as much more work. */
  stepFrames: 148,
  /** Windows that go through the segmentation network together. More: fewer passes over its weights, more memory. */
  batchWindows: 4,
  /** A local speaker is embedded from the frames in which no other talks, where they are this long together, seconds; else from all. */
  soloSeconds: 0.5,
  /** A local speaker's speech is cut at pauses of this, seconds, so that each stretch has the next. */
  splitGapSeconds: 0.2,
  /** Of several channels: a voice is a leak where most of what is heard is, from so long before to so long after, seconds. */
  leakSeconds: 0.25,
  /** Speech of a stretch that is embedded by itself, seconds. Less: fewer mixtures of two people, more noise. */
  partSeconds: 1,
  /** A stretch of less speech is not embedded: seconds. */
  minSeconds: 0.1,
  /** The first guess: average linkage at this cosine distance. Smaller: more speakers to begin with, of whom inference empties some. */
  initialDistance: 0.6,
  /** Embeddings that the first guess is made from, at most; of a longer recording an even choice. Memory grows with the square. */
  maxInitial: 1500,
  /** What one second says once, counted once: windows overlap, and neighbouring speech is alike (VBx's Fa), times the step over the window. */
  evidence: 0.085,
  /** Variance of the one offset that all speech of a recording shares. */
  offset: 2,
  /** Rounds of inference. */
  rounds: 20,
  /** Share of speech that is an unknown speaker's before anything is heard, where some are enrolled. */
  unknownShare: 0.5,
  /** A speaker with less speech in the whole recording is taken for another's, seconds. */
  minSpeakerSeconds: 0.5,
  /** Pauses of one speaker up to this are bridged, seconds. */
  maxGapSeconds: 0.25,
  /** Segments shorter than this are dropped, seconds. */
  minSegmentSeconds: 0.25,
} as const;

export type DiarizationSettings = { readonly [Name in keyof typeof DIARIZATION]: number };
