import { UNKNOWN } from '../events/events.js';
import type { Pooled } from '../turns/evidence-pool.js';
import type { Verdict } from './weighed.js';
import { WHO } from './settings.js';
import type { Span } from '../turns/spans.js';

/** A turn that is not settled: its span, and its judgement. */
export interface OpenTurn extends Soundness {
  readonly span: Span;
  readonly pooled: Pooled | null;
  readonly seconds: number;
  readonly verdict: Verdict;
}

/** What tells a turn from noise that passed the speech gate. */
export interface Soundness {
  /** Share of its speech that the gate is sure of: about half in speech, almost none in most noise. */
  readonly sureShare: number;
  /** `Cohort.rank` of its evidence: how much it sounds like a voice; null where there is no cohort to tell by. */
  readonly voiceRank: number | null;
}

/** A turn with less sure speech, and a rank below `SURE_RANK`, is doubtful. */
const SURE_SHARE = 0.15;
/** A turn with a lower rank in the cohort, and less than `SURE_SHARE`, is doubtful. */
const SURE_RANK = 0.25;
/** Probability from which a doubtful turn still gets a speaker. */
const DOUBTFUL_PROBABILITY = 0.95;
/** A turn unlike every voice of the cohort needs this share of sure speech: a saw may pass the gate. */
const APART_SHARE = 0.22;
/** A turn with a lower rank is unlike every voice of the cohort. */
const APART_RANK = 0.015;
/** A turn with less sure speech is doubtful at any rank. */
const LEAST_SHARE = 0.05;
/** Rank that a turn needs to create an unknown speaker. */
const FOUND_RANK = 0.05;
/** Share of sure speech from which a new label is emitted before the turn ends. */
const NEW_LABEL_SHARE = 0.25;

/** It may be noise. */
function isDoubtful({ sureShare, voiceRank }: Soundness): boolean {
  if (sureShare < LEAST_SHARE) return true;
  if (voiceRank === null) return false;
  const isUnsure = sureShare < SURE_SHARE && voiceRank < SURE_RANK;
  return isUnsure || (sureShare < APART_SHARE && voiceRank < APART_RANK);
}

/** Something can be learnt from it of who speaks in it. */
export function teaches(turn: Soundness): boolean {
  return !isDoubtful(turn);
}

/** Surely a voice: it may create an unknown speaker. */
export function isVoice({ sureShare, voiceRank }: Soundness): boolean {
  return sureShare >= SURE_SHARE && (voiceRank ?? 1) >= FOUND_RANK;
}

/** It may get a new label before it is settled. */
export function isNewVoice(turn: OpenTurn): boolean {
  return isVoice(turn) && turn.verdict.knownLogOdds < WHO.foundLogOdds && turn.sureShare >= NEW_LABEL_SHARE;
}

/** Without a speaker, and perhaps noise: not reported before it is settled. */
export function mayBeNoise(turn: OpenTurn): boolean {
  return isNobody(turn) && isDoubtful(turn);
}

/** Without a speaker, not sure, and unlike any voice: not reported at all. */
export function isNoise(turn: OpenTurn): boolean {
  const { sureShare, voiceRank } = turn;
  return isNobody(turn) && sureShare < SURE_SHARE && voiceRank !== null && voiceRank < APART_RANK;
}

/** Without a name or a label. */
function isNobody({ verdict: { voice } }: OpenTurn): boolean {
  return voice === null || voice.label === UNKNOWN;
}

/** The turn; without a speaker if it is doubtful and the voice is not clear. */
export function settled(turn: OpenTurn): OpenTurn {
  const { verdict } = turn;
  const isUnclear = verdict.voiceProbability < DOUBTFUL_PROBABILITY && isDoubtful(turn);
  return isUnclear ? { ...turn, verdict: { ...verdict, voice: null } } : turn;
}
