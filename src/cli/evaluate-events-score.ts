import {
  calibrationError,
  claimsOf,
  diarizationError,
  finalDelay,
  identificationError,
  labelChanges,
  labelDelay,
  overlapScore,
  rttmName,
  subtractRegions,
  totalDelay,
  totalDiarization,
  totalIdentification,
  turnsOfEvents,
  turnsWithin,
  type Claim,
  type DiarizationSeconds,
  type IdentificationError,
  type LabelDelay,
  type OverlapScore,
  type ScoringOptions,
  type Turn,
} from '../evaluate/index.js';
import type { IdentifyEvent } from '../tracker/index.js';
import { sumOf } from '../evaluate/sum.js';

/** What the events of a recording are worth, or those of several. */
export interface EventFigures {
  /** What is scored. */
  readonly seconds: number;
  /** Anybody was enrolled: with nobody there is no name to be right about. */
  readonly hasNames: boolean;
  readonly identification: IdentificationError;
  readonly tentative: LabelDelay;
  readonly final: LabelDelay;
  readonly changes: ReturnType<typeof labelChanges>;
  /** NaN where nothing was claimed. */
  readonly calibration: number;
  readonly overlap: OverlapScore;
  readonly diarization: DiarizationSeconds;
}

export interface EventScore extends EventFigures {
  readonly recording: string;
  readonly enrolled: readonly string[];
  /** Who else is in the reference: right as any `unknown`. */
  readonly strangers: readonly string[];
  readonly diarization: ReturnType<typeof diarizationError>;
  readonly claims: readonly Claim[];
}

export interface EventScoring {
  readonly recording: string;
  readonly enrolled: readonly string[];
  readonly corrected: boolean;
  readonly scoring: ScoringOptions;
}

/** The events of one recording against its reference. */
export function scoreEvents(
  whole: readonly Turn[],
  events: readonly IdentifyEvent[],
  { recording, enrolled, corrected, scoring }: EventScoring,
): EventScore {
  const all = turnsOfEvents(events, { corrected });
  const end = [...whole, ...all].reduce((most, { endSeconds }) => Math.max(most, endSeconds), 0);
  const scored = subtractRegions(
    scoring.scored ?? [{ startSeconds: 0, endSeconds: end }],
    scoring.unscored ?? [],
  );
  const seconds = scored.reduce((sum, region) => sum + region.endSeconds - region.startSeconds, 0);
  const [turns, told] = [turnsWithin(whole, scored), turnsWithin(all, scored)];
  const claims = claimsOf(turns, told, enrolled);
  return {
    recording,
    enrolled,
    strangers: [...new Set(turns.map(({ speaker }) => speaker))].filter((name) => !enrolled.includes(name)),
    seconds,
    hasNames: enrolled.length > 0,
    identification: identificationError(whole, all, { enrolled, ...scoring }),
    tentative: labelDelay(turns, events, enrolled),
    final: finalDelay(turns, events, enrolled),
    changes: labelChanges(turns, told, seconds),
    calibration: claims.length === 0 ? NaN : calibrationError(claims).rate,
    overlap: overlapScore(turns, events, enrolled, scored),
    diarization: diarizationError(whole, turnsOfEvents(events, { corrected, speech: true }), scoring),
    claims,
  };
}

/** Recordings together: seconds and counts are summed before they are divided, delays and claims are taken together. */
export function totalOf(scores: readonly EventScore[]): EventFigures {
  const seconds = scores.reduce((sum, score) => sum + score.seconds, 0);
  const claims = scores.flatMap((score) => score.claims);
  const perHour = (of: (score: EventScore) => number): number =>
    seconds > 0 ? scores.reduce((sum, score) => sum + of(score) * score.seconds, 0) / seconds : 0;
  return {
    seconds,
    hasNames: scores.some(({ hasNames }) => hasNames),
    identification: totalIdentification(scores.map((score) => score.identification)),
    tentative: totalDelay(scores.map((score) => score.tentative)),
    final: totalDelay(scores.map((score) => score.final)),
    changes: {
      hypothesisPerHour: perHour(({ changes }) => changes.hypothesisPerHour),
      referencePerHour: perHour(({ changes }) => changes.referencePerHour),
    },
    calibration: claims.length === 0 ? NaN : calibrationError(claims).rate,
    overlap: sumOf(scores.map((score) => score.overlap)),
    diarization: totalDiarization(scores.map((score) => score.diarization)),
  };
}

/** RTTM holds no blanks: names are compared as a reference can have them. */
export function asInRttm(event: IdentifyEvent): IdentifyEvent {
  switch (event.type) {
    case 'tentative':
      return { ...event, speaker: rttmName(event.speaker) };
    case 'correction':
      return { ...event, speaker: rttmName(event.speaker), was: rttmName(event.was) };
    case 'final': {
      const named = (other: string | null): string | null => (other === null ? null : rttmName(other));
      const overlaps = event.overlaps.map((stretch) => ({ ...stretch, other: named(stretch.other) }));
      return { ...event, speaker: rttmName(event.speaker), overlaps };
    }
    default:
      return event;
  }
}

/** Who was named: enrolled is at least who was. */
export function namesIn(events: readonly IdentifyEvent[]): string[] {
  const told = events.filter((event) => event.type === 'tentative' || event.type === 'final');
  return [...new Set(told.filter(({ known }) => known).map(({ speaker }) => speaker))].sort();
}
