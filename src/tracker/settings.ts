/** The numbers of the model of who speaks. `npm run accuracy` measures what they give. */
export const WHO = {
  /**
   * Prior that a turn is an unknown speaker's: at first as likely as any one enrolled speaker, which counts as so many turns; then as
   * in the recent turns; never less than `least`, nor more than 1 - `least`.
   */
  unknownPrior: { turns: 4, recent: 64, least: 0.2 },
  /** Share of that for somebody new, once an unknown one was heard. */
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
  /** Speech that earns an unknown speaker a label, seconds, and the share of it that is surely speech. */
  labelSeconds: 2.5,
  labelShare: 0.17,
  /** Largest share of the stream in how an enrolled speaker is expected to sound, and the seconds that give half of it. */
  streamShare: 0.7,
  streamSeconds: 4,
  /** Recent turns that teach how well this stream's speech matches the profiles, and the speech that one needs, seconds. */
  levelTurns: 64,
  levelSeconds: 1,
  /** Speech that a speaker's voice follows, seconds and turns. */
  recentSeconds: 60,
  recentTurns: 32,
  /** Standardised score that a voice costs that is all the stream's: impostors in the same room are nearer to it too. */
  sameStreamScore: 1,
  /** Standardised score that the comparison with the profile alone costs, as the better of two. */
  profileAloneScore: 0.7,
} as const;
