import { Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import {
  diarizationError,
  jaccardError,
  readRttm,
  timelineChart,
  type DiarizationError,
  type RttmTurn,
} from '../evaluate/index.js';
import {
  addOutputOptions,
  addScoringOptions,
  byRecording,
  isScored,
  rateOf,
  readReference,
  readScored,
  readText,
  scoringOf,
  type OutputFlags,
  type ScoringFlags,
} from './evaluate-input.js';
import { assertWritable, writeOutput } from './evaluate-output.js';
import { orNull, percent } from './evaluate-text.js';

type Flags = ScoringFlags & OutputFlags;

interface Row {
  readonly recording: string;
  readonly error: DiarizationError;
  readonly jaccard: number;
  /** Of the reference, who are scored. */
  readonly speakers: number;
}

export function diarizationCommand(): Command {
  const command = new Command('diarization')
    .description(
      'Diarization error (miss, false alarm, confusion) and Jaccard error of turns, each recording and all.',
    )
    .argument('<reference>', 'RTTM file of the truth; what its NOSCORE lines name is not scored')
    .argument('<hypothesis>', 'RTTM file of the answer, as `listen --rttm` writes it');
  return addOutputOptions(addScoringOptions(command), 'the timeline of the first recording').action(
    (referencePath: string, hypothesisPath: string, flags: Flags) => {
      if (flags.svg !== undefined) assertWritable(flags.svg, '--svg');
      const reference = readReference(referencePath);
      const hypothesis = byRecording(readRttm(readText(hypothesisPath), hypothesisPath));
      assertKnown(hypothesis, reference.turns, hypothesisPath, referencePath);
      const uem = readScored(flags, reference);
      const rows = [...reference.turns].map(([recording, turns]): Row => {
        const options = scoringOf(flags, uem, reference, recording);
        const told = hypothesis.get(recording) ?? [];
        const jaccard = jaccardError(turns, told, options);
        return {
          recording,
          error: diarizationError(turns, told, options),
          jaccard: jaccard.rate,
          speakers: jaccard.bySpeaker.size,
        };
      });
      if (flags.svg !== undefined) writeTimeline(flags.svg, rows[0]!.recording, reference.turns, hypothesis);
      process.stdout.write(flags.json ? `${JSON.stringify(asJson(rows))}\n` : asText(rows));
    },
  );
}

/** A hypothesis for other recordings is most likely named otherwise; it would count as all missed. */
function assertKnown(
  hypothesis: ReadonlyMap<string, unknown>,
  reference: ReadonlyMap<string, unknown>,
  hypothesisPath: string,
  referencePath: string,
): void {
  for (const recording of hypothesis.keys()) {
    if (reference.has(recording)) continue;
    throw new WhospeaksError(
      'annotation-empty',
      `${hypothesisPath}: recording "${recording}" is not in ${referencePath}, which has ` +
        `${[...reference.keys()].slice(0, 5).join(', ')}; give both the same name`,
    );
  }
}

function writeTimeline(
  path: string,
  recording: string,
  reference: ReadonlyMap<string, readonly RttmTurn[]>,
  hypothesis: ReadonlyMap<string, readonly RttmTurn[]>,
): void {
  const truth = reference.get(recording)!;
  const told = hypothesis.get(recording) ?? [];
  const seconds = [...truth, ...told].reduce((most, { endSeconds }) => Math.max(most, endSeconds), 0);
  const rows = [
    { name: 'reference', turns: truth },
    { name: 'hypothesis', turns: told },
  ];
  writeOutput(path, timelineChart(recording, rows, seconds), '--svg');
}

/** Seconds are summed before they are divided; the Jaccard error is the mean over all speakers who are scored. */
function total(
  rows: readonly Row[],
): Omit<Row, 'recording' | 'error'> & { error: Omit<DiarizationError, 'mapping'> } {
  const sum = (of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const totalSeconds = sum(({ error }) => error.totalSeconds);
  const missSeconds = sum(({ error }) => error.missSeconds);
  const falseAlarmSeconds = sum(({ error }) => error.falseAlarmSeconds);
  const confusionSeconds = sum(({ error }) => error.confusionSeconds);
  const wrong = missSeconds + falseAlarmSeconds + confusionSeconds;
  const speakers = sum((row) => row.speakers);
  return {
    error: {
      rate: totalSeconds > 0 ? wrong / totalSeconds : Number(wrong > 0),
      totalSeconds,
      missSeconds,
      falseAlarmSeconds,
      confusionSeconds,
    },
    jaccard: speakers > 0 ? sum((row) => row.jaccard * row.speakers) / speakers : Number(wrong > 0),
    speakers,
  };
}

function asJson(rows: readonly Row[]) {
  const figures = ({
    error,
    jaccard,
  }: Pick<Row, 'jaccard'> & { error: Omit<DiarizationError, 'mapping'> }) => ({
    diarizationErrorRate: orNull(rateOf(error)),
    speechSeconds: error.totalSeconds,
    missSeconds: error.missSeconds,
    falseAlarmSeconds: error.falseAlarmSeconds,
    confusionSeconds: error.confusionSeconds,
    jaccardErrorRate: isScored(error) ? jaccard : null,
  });
  return {
    ...figures(total(rows)),
    recordings: rows.map((row) => ({
      recording: row.recording,
      ...figures(row),
      mapping: Object.fromEntries(row.error.mapping),
    })),
  };
}

function asText(rows: readonly Row[]): string {
  const head = ['recording', 'speech', 'DER', 'miss', 'false alarm', 'confusion', 'JER'];
  const line = (
    name: string,
    { error, jaccard }: Pick<Row, 'jaccard'> & { error: Omit<DiarizationError, 'mapping'> },
  ) => {
    const share = (seconds: number): string =>
      percent(error.totalSeconds > 0 ? seconds / error.totalSeconds : NaN);
    return [
      name,
      `${error.totalSeconds.toFixed(1)} s`,
      percent(rateOf(error)),
      share(error.missSeconds),
      share(error.falseAlarmSeconds),
      share(error.confusionSeconds),
      percent(isScored(error) ? jaccard : NaN),
    ];
  };
  const cells = [head, ...rows.map((row) => line(row.recording, row))];
  if (rows.length > 1) cells.push(line('all', total(rows)));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map(
      (row) =>
        `${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}\n`,
    )
    .join('');
}
