import type { Evidence, Voice } from '../scoring/voice.js';

/** What the evidence of a turn says. */
export interface Verdict {
  /** Null: a new voice, or no evidence. */
  readonly voice: Voice | null;
  /** Cosine with `voice`, else with the best enrolled speaker. */
  readonly score: number;
  /** Probability that the label is right. If no enrolled speaker speaks, any unknown label is right. */
  readonly probability: number;
  /** Probability of this voice, or of a new one if `voice` is null. */
  readonly voiceProbability: number;
  /** Log-odds of the best enrolled speaker at even priors; -Infinity without a candidate. */
  readonly knownLogOdds: number;
  readonly evidence: Evidence | null;
  /** The best enrolled speaker, whatever the label: how far its score is from what was expected. */
  readonly nearest: {
    readonly id: number;
    readonly away: number;
    readonly variance: number;
    readonly probability: number;
  } | null;
}

/** What a settled turn says of who spoke. */
export interface Heard extends Evidence {
  /** Of its speech, what is surely speech. */
  readonly sureSeconds: number;
  /** Surely a voice: it may found an unknown speaker. */
  readonly isVoice: boolean;
  /** How long the stream was then. */
  readonly atSample: number;
}

/** What is kept of a verdict. */
export type Opinion = Omit<Verdict, 'voice' | 'evidence'>;

/** A settled turn that is weighed again and again. */
export interface Weighed {
  readonly heard: Heard;
  /** To enrol its speaker from. */
  windows: readonly Float32Array[];
  verdict: Opinion;
  /** Whose it is; `NOVEL`: nobody's. */
  id: number;
  /** A person said whose. */
  isAssigned: boolean;
  /** Too long ago; its speaker's voice may still follow it. */
  isOver: boolean;
}
