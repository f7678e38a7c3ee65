import {
  calibrationError,
  claimsOf,
  diarizationError,
  finalDelay,
  identificationError,
  isUnknownLabel,
  labelChanges,
  labelDelay,
  percentile,
  turnsOfEvents,
  type CalibrationError,
  type Claim,
  type IdentifyEvent,
} from 'whospeaks';
import type { Recording } from './recordings.js';

/** What one system said of one recording. */
export interface Answer {
  readonly recording: Recording;
  readonly events: readonly IdentifyEvent[];
}

/** Figures over several recordings; seconds are summed before they are divided. */
export interface Score {
  readonly speechSeconds: number;
  /** Shares of the speech seconds. */
  readonly errorRate: number;
  readonly wrongName: number;
  readonly knownRefused: number;
  readonly unknownAccepted: number;
  readonly missed: number;
  readonly falseAlarm: number;
  readonly tentative: Delays;
  readonly final: Delays;
  /** Label changes of the finals, divided by the true ones. */
  readonly changesRatio: number;
  readonly calibration: CalibrationError;
  /** The same of every tentative event, of what it says at its time. */
  readonly tentativeCalibration: CalibrationError;
}

export interface Delays {
  readonly changes: number;
  readonly missed: number;
  readonly p50Seconds: number;
  readonly p90Seconds: number;
}

/** @param options.corrected the labels that corrections gave later. */
export function score(answers: readonly Answer[], { corrected = false } = {}): Score {
  const sums = {
    speech: 0,
    right: 0,
    wrongName: 0,
    refused: 0,
    accepted: 0,
    missed: 0,
    alarm: 0,
  };
  const claims: Claim[] = [];
  const tentativeClaims: Claim[] = [];
  const changes = { told: 0, true: 0 };
  const tentative = { changes: 0, seconds: [] as number[] };
  const final = { changes: 0, seconds: [] as number[] };
  for (const { recording, events } of answers) {
    const { turns, seconds } = recording;
    const enrolled = recording.enrolled.map(({ name }) => name);
    const told = turnsOfEvents(events, { corrected });
    const error = identificationError(turns, told, { enrolled });
    sums.speech += error.speechSeconds;
    sums.right += error.rightNameSeconds + error.rightUnknownSeconds;
    sums.wrongName += error.wrongNameSeconds;
    sums.refused += error.knownRefusedSeconds;
    sums.accepted += error.unknownAcceptedSeconds;
    sums.missed += error.missedSeconds;
    sums.alarm += error.falseAlarmSeconds;
    const moved = labelChanges(turns, told, seconds);
    changes.told += (moved.hypothesisPerHour * seconds) / 3600;
    changes.true += (moved.referencePerHour * seconds) / 3600;
    claims.push(...claimsOf(turns, told, enrolled));
    tentativeClaims.push(...claimsOf(turns, tentativeTurns(events), enrolled));
    for (const [into, delay] of [
      [tentative, labelDelay(turns, events, enrolled)],
      [final, finalDelay(turns, events, enrolled)],
    ] as const) {
      into.changes += delay.changes;
      into.seconds.push(...delay.delaysSeconds);
    }
  }
  const share = (x: number): number => x / sums.speech;
  return {
    speechSeconds: sums.speech,
    errorRate: 1 - share(sums.right),
    wrongName: share(sums.wrongName),
    knownRefused: share(sums.refused),
    unknownAccepted: share(sums.accepted),
    missed: share(sums.missed),
    falseAlarm: share(sums.alarm),
    tentative: delays(tentative),
    final: delays(final),
    changesRatio: changes.told / changes.true,
    calibration: calibrationError(claims),
    tentativeCalibration: calibrationError(tentativeClaims.map((claim) => ({ ...claim, seconds: 1 }))),
  };
}

function delays({ changes, seconds }: { changes: number; seconds: readonly number[] }): Delays {
  return {
    changes,
    missed: changes - seconds.length,
    p50Seconds: percentile(seconds, 0.5),
    p90Seconds: percentile(seconds, 0.9),
  };
}

/** What each tentative event says of its turn, as a turn. */
function tentativeTurns(events: readonly IdentifyEvent[]) {
  return events
    .filter((event) => event.type === 'tentative')
    .map(({ startSample, endSample, speaker, probability }) => ({
      startSeconds: startSample / 16_000,
      endSeconds: endSample / 16_000,
      speaker,
      probability,
    }));
}

/** What is named of people none of whom is enrolled. */
export interface Named {
  /** Share of the turns told that hold speech. */
  readonly turns: number;
  /** Share of the seconds of speech. */
  readonly seconds: number;
  readonly turnCount: number;
}

/** How much gets an enrolled name, where nobody who speaks is enrolled. */
export function namedShares(answers: readonly Answer[]): Named {
  let speech = 0;
  let named = 0;
  const turns = { all: 0, named: 0 };
  for (const { recording, events } of answers) {
    const told = turnsOfEvents(events).filter((turn) => claimsOf(recording.turns, [turn], []).length > 0);
    const wrong = told.filter(({ speaker }) => !isUnknownLabel(speaker));
    const error = identificationError(recording.turns, wrong, { enrolled: [] });
    speech += error.speechSeconds;
    named += error.speechSeconds - error.missedSeconds;
    turns.all += told.length;
    turns.named += wrong.length;
  }
  return { turns: turns.named / turns.all, seconds: named / speech, turnCount: turns.all };
}

export interface Diarization {
  readonly rate: number;
  readonly miss: number;
  readonly falseAlarm: number;
  readonly confusion: number;
}

/** DER over recordings: all speech, overlap included, one label at a time, no collar unless given. */
export function diarization(
  answers: readonly Answer[],
  { corrected = false, collarSeconds = 0 }: { corrected?: boolean; collarSeconds?: number } = {},
): Diarization {
  const sum = { total: 0, miss: 0, falseAlarm: 0, confusion: 0 };
  for (const { recording, events } of answers) {
    const told = turnsOfEvents(events, { corrected, speech: true });
    const error = diarizationError(recording.turns, told, {
      collarSeconds,
      scored: [{ startSeconds: 0, endSeconds: recording.seconds }],
    });
    sum.total += error.totalSeconds;
    sum.miss += error.missSeconds;
    sum.falseAlarm += error.falseAlarmSeconds;
    sum.confusion += error.confusionSeconds;
  }
  return {
    rate: (sum.miss + sum.falseAlarm + sum.confusion) / sum.total,
    miss: sum.miss / sum.total,
    falseAlarm: sum.falseAlarm / sum.total,
    confusion: sum.confusion / sum.total,
  };
}
