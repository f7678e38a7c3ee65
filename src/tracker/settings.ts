/**
 * What was chosen, not derived, in how the tracker decides who speaks. `npm run accuracy` measures what these give, on the half of the
 * voices that chose them and on the others; `npm run accuracy -- --ablate` what is lost without a part.
 */
export const WHO = {
  /** Turns that the prior of strangers counts as: at first, one speaks as likely as any one enrolled speaker. */
  priorTurns: 4,
  /** Recent turns that this prior is learnt from after that. */
  priorRecentTurns: 64,
  /** The prior of strangers is never less, nor more than 1 less this. */
  leastPrior: 0.2,
  /** Speech that a turn needs to teach it, seconds. */
  priorSeconds: 1,
  /** Share of that prior for somebody new, once an unknown speaker was heard. */
  novelShare: 0.5,
  /** Settled turns that are weighed again at each new one. */
  turns: 128,
  /** Sweeps over them at most. */
  sweeps: 2,
  /** Probability from which a settled turn is told anew. */
  correctProbability: 0.8,
  /** Log-odds of the best enrolled speaker below which speech founds an unknown one. */
  foundLogOdds: -1,
  /** Speech that founds an unknown speaker, seconds. */
  foundSeconds: 1.5,
  /** Rank in the cohort that founds one. */
  foundRank: 0.05,
  /** Speech that earns an unknown speaker a label, seconds. */
  labelSeconds: 2.5,
  /** Share of it that is surely speech. */
  labelShare: 0.17,
  /** Share of sure speech that earns a new label before the turn ends. */
  newLabelShare: 0.25,
  /** Largest share of turns that a person assigned in how an enrolled speaker is expected to sound. */
  assignedShare: 0.7,
  /** Speech of them that gives half of that share, seconds. */
  assignedSeconds: 4,
  /** Recent turns that teach how well this stream's speech matches the profiles. */
  levelTurns: 64,
  /** Speech that a turn needs to teach it, seconds. */
  levelSeconds: 1,
  /** Speech that a speaker's voice follows, seconds. */
  recentSeconds: 60,
  /** And turns. */
  recentTurns: 32,
  /** Speech that each of two consecutive turns needs to be compared with the other, seconds. */
  comparedSeconds: 1,
  /** Below these log-odds of one voice, the two turns are not joined. */
  splitLogOdds: 1,
  /** A turn with less sure speech, and a rank below `sureRank`, is doubtful. */
  sureShare: 0.15,
  /** A turn with a lower rank in the cohort, and less sure speech than `sureShare`, is doubtful. */
  sureRank: 0.25,
  /** A turn with less sure speech is doubtful at any rank. */
  leastShare: 0.05,
  /** A turn with a lower rank is unlike every voice of the cohort: a saw may pass the gate. */
  apartRank: 0.015,
  /** Share of sure speech below which such a turn is doubtful. */
  apartShare: 0.22,
  /** Probability from which a doubtful turn still gets a speaker. */
  doubtfulProbability: 0.95,
  /** Speech from which the search takes over the judgement of a whole turn, seconds. */
  judgedSeconds: 2,
  /** Probability that such a judgement needs. */
  judgedProbability: 0.9,
  /** A change after a pause this long is told without a second window, seconds. */
  pauseSeconds: 0.2,
  /** A tentative turn has overlap at its end if an overlap ended this recently, seconds. */
  overlapEndSeconds: 0.5,
} as const;
