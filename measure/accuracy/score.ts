import { isUnknownLabel, type IdentifyEvent } from 'whospeaks';
import {
  calibrationError,
  claimsOf,
  diarizationError,
  finalDelay,
  identificationError,
  labelChanges,
  labelDelay,
  totalDelay,
  totalDiarization,
  totalIdentification,
  turnsOfEvents,
  type CalibrationError,
  type Claim,
  type LabelDelay,
} from 'whospeaks/evaluate';
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
  readonly tentative: LabelDelay;
  readonly final: LabelDelay;
  /** Label changes of the finals, divided by the true ones. */
  readonly changesRatio: number;
  readonly calibration: CalibrationError;
  /** The same of every tentative event, of what it says at its time. */
  readonly tentativeCalibration: CalibrationError;
}

/** @param options.corrected the labels that corrections gave later. */
export function score(answers: readonly Answer[], { corrected = false } = {}): Score {
  const claims: Claim[] = [];
  const tentativeClaims: Claim[] = [];
  const changes = { told: 0, true: 0 };
  const parts = answers.map(({ recording, events }) => {
    const { turns, seconds } = recording;
    const enrolled = recording.enrolled.map(({ name }) => name);
    const told = turnsOfEvents(events, { corrected });
    const moved = labelChanges(turns, told, seconds);
    changes.told += (moved.hypothesisPerHour * seconds) / 3600;
    changes.true += (moved.referencePerHour * seconds) / 3600;
    claims.push(...claimsOf(turns, told, enrolled));
    tentativeClaims.push(...claimsOf(turns, tentativeTurns(events), enrolled));
    return {
      error: identificationError(turns, told, { enrolled }),
      tentative: labelDelay(turns, events, enrolled),
      final: finalDelay(turns, events, enrolled),
    };
  });
  const error = totalIdentification(parts.map((part) => part.error));
  const share = (seconds: number): number => seconds / error.speechSeconds;
  return {
    speechSeconds: error.speechSeconds,
    errorRate: error.rate,
    wrongName: share(error.wrongNameSeconds),
    knownRefused: share(error.knownRefusedSeconds),
    unknownAccepted: share(error.unknownAcceptedSeconds),
    missed: share(error.missedSeconds),
    falseAlarm: share(error.falseAlarmSeconds),
    tentative: totalDelay(parts.map((part) => part.tentative)),
    final: totalDelay(parts.map((part) => part.final)),
    changesRatio: changes.told / changes.true,
    calibration: calibrationError(claims),
    tentativeCalibration: calibrationError(tentativeClaims.map((claim) => ({ ...claim, seconds: 1 }))),
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
  const { rate, totalSeconds, missSeconds, falseAlarmSeconds, confusionSeconds } = totalDiarization(
    answers.map(({ recording, events }) =>
      diarizationError(recording.turns, turnsOfEvents(events, { corrected, speech: true }), {
        collarSeconds,
        scored: [{ startSeconds: 0, endSeconds: recording.seconds }],
      }),
    ),
  );
  return {
    rate,
    miss: missSeconds / totalSeconds,
    falseAlarm: falseAlarmSeconds / totalSeconds,
    confusion: confusionSeconds / totalSeconds,
  };
}
