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

/** It may be noise. */
function isDoubtful({ sureShare, voiceRank }: Soundness): boolean {
  if (sureShare < WHO.leastShare) return true;
  if (voiceRank === null) return false;
  const isUnsure = sureShare < WHO.sureShare && voiceRank < WHO.sureRank;
  return isUnsure || (sureShare < WHO.apartShare && voiceRank < WHO.apartRank);
}

/** Something can be learnt from it of who speaks in it. */
export function teaches(turn: Soundness): boolean {
  return !isDoubtful(turn);
}

/** Surely a voice: it may create an unknown speaker. */
export function isVoice({ sureShare, voiceRank }: Soundness): boolean {
  return sureShare >= WHO.sureShare && (voiceRank ?? 1) >= WHO.foundRank;
}

/** It may get a new label before it is settled. */
export function isNewVoice(turn: OpenTurn): boolean {
  return isVoice(turn) && turn.verdict.knownLogOdds < WHO.foundLogOdds && turn.sureShare >= WHO.newLabelShare;
}

/** Without a speaker, and perhaps noise: not reported before it is settled. */
export function mayBeNoise(turn: OpenTurn): boolean {
  return isNobody(turn) && isDoubtful(turn);
}

/** Without a speaker, not sure, and unlike any voice: not reported at all. */
export function isNoise(turn: OpenTurn): boolean {
  const { sureShare, voiceRank } = turn;
  return isNobody(turn) && sureShare < WHO.sureShare && voiceRank !== null && voiceRank < WHO.apartRank;
}

/** Without a name or a label. */
function isNobody({ verdict: { voice } }: OpenTurn): boolean {
  return voice === null || voice.label === UNKNOWN;
}

/** The turn; without a speaker if it is doubtful and the voice is not clear. */
export function settled(turn: OpenTurn): OpenTurn {
  const { verdict } = turn;
  const isUnclear = verdict.voiceProbability < WHO.doubtfulProbability && isDoubtful(turn);
  return isUnclear ? { ...turn, verdict: { ...verdict, voice: null } } : turn;
}
