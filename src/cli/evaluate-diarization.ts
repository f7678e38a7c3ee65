import { Command } from 'commander';
import {
  diarizationError,
  jaccardError,
  readRttm,
  timelineChart,
  totalDiarization,
  type DiarizationError,
  type DiarizationSeconds,
  type RttmTurn,
} from '../evaluate/index.js';
import {
  addOutputOptions,
  addScoringOptions,
  assertKnown,
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
import { assertWritable, writeOutput } from './output-file.js';
import { orNull, percent, table } from './evaluate-text.js';

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
      'Diarization error (miss, false alarm, confusion) and Jaccard error, per recording and overall.',
    )
    .argument('<reference>', 'reference RTTM; its NOSCORE regions are not scored')
    .argument('<hypothesis>', 'RTTM file of the answer, as `listen --rttm` writes it');
  return addOutputOptions(addScoringOptions(command), 'the timeline of the first recording').action(
    async (referencePath: string, hypothesisPath: string, flags: Flags) => {
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
      if (flags.svg !== undefined)
        await writeTimeline(flags.svg, rows[0]!.recording, reference.turns, hypothesis);
      process.stdout.write(flags.json ? `${JSON.stringify(asJson(rows))}\n` : asText(rows));
    },
  );
}

async function writeTimeline(
  path: string,
  recording: string,
  reference: ReadonlyMap<string, readonly RttmTurn[]>,
  hypothesis: ReadonlyMap<string, readonly RttmTurn[]>,
): Promise<void> {
  const truth = reference.get(recording)!;
  const told = hypothesis.get(recording) ?? [];
  const seconds = [...truth, ...told].reduce((most, { endSeconds }) => Math.max(most, endSeconds), 0);
  const rows = [
    { name: 'reference', turns: truth },
    { name: 'hypothesis', turns: told },
  ];
  await writeOutput(path, timelineChart(recording, rows, seconds), '--svg');
}

/** The Jaccard error is the mean over all speakers who are scored. */
function total(rows: readonly Row[]): Omit<Row, 'recording' | 'error'> & { error: DiarizationSeconds } {
  const error = totalDiarization(rows.map((row) => row.error));
  const speakers = rows.reduce((sum, row) => sum + row.speakers, 0);
  const jaccard = rows.reduce((sum, row) => sum + row.jaccard * row.speakers, 0);
  return {
    error,
    // Without speech: 1 where something was labelled, as the rate of the diarization error.
    jaccard: speakers > 0 ? jaccard / speakers : error.rate,
    speakers,
  };
}

function asJson(rows: readonly Row[]) {
  const figures = ({ error, jaccard }: Pick<Row, 'jaccard'> & { error: DiarizationSeconds }) => ({
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
  const line = (name: string, { error, jaccard }: Pick<Row, 'jaccard'> & { error: DiarizationSeconds }) => {
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
  return table(cells);
}
