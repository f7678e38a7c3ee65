import type { LabelDelay } from '../evaluate/index.js';
import type { EventFigures, EventScore } from './evaluate-events-score.js';
import { rateOf } from './evaluate-input.js';
import { aligned, orNull, percent, secondsText, table } from './evaluate-text.js';

/** A recording's figures as JSON. */
export function scoreJson(score: EventScore, corrected: boolean) {
  const { recording, enrolled, strangers, diarization } = score;
  const figures = figuresJson(score);
  return {
    recording,
    enrolled,
    strangers,
    corrected,
    ...figures,
    diarization: { ...figures.diarization, mapping: Object.fromEntries(diarization.mapping) },
  };
}

/** Those of several, with each beside them. */
export function totalJson(total: EventFigures, scores: readonly EventScore[], corrected: boolean) {
  return {
    corrected,
    ...figuresJson(total),
    recordings: scores.map((score) => scoreJson(score, corrected)),
  };
}

function figuresJson(figures: EventFigures) {
  const { seconds, hasNames, identification, tentative, final, changes, calibration, overlap, diarization } =
    figures;
  const delay = ({ changes: count, missed, delaysSeconds, p50Seconds, p90Seconds }: LabelDelay) => ({
    changes: count,
    missed,
    p50Seconds: hasNames ? orNull(p50Seconds) : null,
    p90Seconds: hasNames ? orNull(p90Seconds) : null,
    delaysSeconds,
  });
  return {
    seconds,
    overlap,
    identification: {
      ...identification,
      rate: hasNames && identification.speechSeconds > 0 ? identification.rate : null,
    },
    tentativeDelay: delay(tentative),
    finalDelay: delay(final),
    labelChanges: changes,
    calibrationError: hasNames ? orNull(calibration) : null,
    diarization: { ...diarization, rate: orNull(rateOf(diarization)) },
  };
}

/** A recording's figures, a line each. */
export function scoreText(score: EventScore): string {
  return aligned([
    ['recording', `${score.recording}, ${score.identification.speechSeconds.toFixed(1)} s of speech`],
    ['enrolled', score.enrolled.join(', ') || 'nobody'],
    ['strangers', score.strangers.join(', ') || 'nobody'],
    ...figureLines(score),
  ]);
}

/** A line for each recording, then the figures of all. */
export function totalText(total: EventFigures, scores: readonly EventScore[]): string {
  const line = (
    name: string,
    { hasNames, identification: id, final, diarization }: EventFigures,
  ): string[] => [
    name,
    `${id.speechSeconds.toFixed(1)} s`,
    hasNames ? percent(wrongSeconds(id) / id.speechSeconds) : '-',
    hasNames ? secondsText(final.p50Seconds) : '-',
    percent(rateOf(diarization)),
  ];
  const head = ['recording', 'speech', 'identification error', 'final after', 'DER'];
  const rows = scores.map((score) => line(score.recording, score));
  return `${table([head, ...rows, line('all', total)])}\n${aligned(figureLines(total))}`;
}

function wrongSeconds(id: EventFigures['identification']): number {
  return id.speechSeconds - id.rightNameSeconds - id.rightUnknownSeconds;
}

function figureLines(figures: EventFigures): [name: string, value: string][] {
  const {
    hasNames,
    identification: id,
    tentative,
    final,
    changes,
    calibration,
    overlap,
    diarization,
  } = figures;
  const share = (seconds: number): string => (hasNames ? percent(seconds / id.speechSeconds) : '-');
  const delay = (d: LabelDelay): string =>
    !hasNames
      ? '-'
      : `${secondsText(d.p50Seconds)} (p90 ${secondsText(d.p90Seconds)}), never for ${d.missed} of ${d.changes} changes`;
  return [
    ['identification error', share(wrongSeconds(id))],
    ['  wrong name', share(id.wrongNameSeconds)],
    ['  known called unknown', share(id.knownRefusedSeconds)],
    ['  stranger named', share(id.unknownAcceptedSeconds)],
    ['  speech missed', share(id.missedSeconds)],
    ['labels where nobody talks', `${id.falseAlarmSeconds.toFixed(1)} s`],
    ['delay to the right name', `tentative ${delay(tentative)}`],
    ['', `final ${delay(final)}`],
    [
      'label changes an hour',
      `${changes.hypothesisPerHour.toFixed(0)}, truly ${changes.referencePerHour.toFixed(0)}`,
    ],
    ['calibration error', hasNames && Number.isFinite(calibration) ? calibration.toFixed(3) : '-'],
    [
      'two at once',
      `${overlap.referenceSeconds.toFixed(1)} s; told ${overlap.foundStretches} of ${overlap.referenceStretches} stretches of 0.3 s and more`,
    ],
    ['', `${overlap.trueStretches} of ${overlap.toldStretches} told are true, or within 0.25 s`],
    ['diarization error', percent(rateOf(diarization))],
  ];
}
