/** What was chosen, not derived: by `npm run accuracy -- --words --tune`, on voices that are in no table. */
export const NAMING = {
  /** How inexact the times of words and of segments are, seconds. More: more words are doubtful. */
  edgeSeconds: 0.25,
  /** A word so far from all speech has no speaker, seconds. */
  reachSeconds: 2,
  /** How unlikely it is, a natural logarithm, that the speaker changes from one word to the next without a pause. */
  changeCost: 2,
  /** A pause so long takes all but a third of that away, seconds. */
  pauseSeconds: 0.3,
  /** Words whose best two speakers differ by less than this, by time alone, are doubtful: a natural logarithm. */
  doubt: 6,
  /** What a word's likelihood ratio counts: its frames depend on one another, and so do those of its neighbours. */
  voiceWeight: 0.08,
  /** The same where two talk at once. */
  voiceWeightTogether: 0.005,
  /** The most that the voice says of one word, a natural logarithm. */
  maxVoice: 8,
} as const;
