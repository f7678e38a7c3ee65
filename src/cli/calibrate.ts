import { Command } from 'commander';
import { lastValueFrom, toArray } from 'rxjs';
import { WhospeaksError } from '../errors.js';
import { equalErrorRate } from '../evaluate/index.js';
import { embeddedWindows, type EmbeddedWindow } from '../native/index.js';
import { fromFile } from '../stream/index.js';
import { hearVoice, profileOfHeard, type HeardVoice } from '../speakers/index.js';
import {
  calibrationTrials,
  CALIBRATION_FORMAT,
  fitScoring,
  logLikelihoodRatioCost,
  Scorer,
  type CalibrationFile,
  type LabelledTrial,
} from '../scoring/index.js';
import { addEngineOption, engineOptions, type EngineOption } from './engine-option.js';
import { assertWritable, writeOutput } from './output-file.js';
import { voiceFoldersIn, type VoiceFolder } from './voice-folders.js';
import { openModel } from './open-model.js';

interface CalibrateOptions extends EngineOption {
  readonly model?: string;
  readonly falseAcceptRate: string;
  readonly out?: string;
  readonly json?: true;
}

const MIN_SPEAKERS = 4;
/** Speech behind the threshold that is printed. */
const SECONDS_SHOWN = [1.5, 3, 6];

/** `whospeaks calibrate`: what scores mean on the user's own recordings. */
export function calibrateCommand(): Command {
  const command = new Command('calibrate')
    .argument('<folder>', 'one folder per speaker, each with two recordings or more')
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .option(
      '--false-accept-rate <share>',
      'print the threshold for this false accept rate; give it to `listen` too',
      '0.05',
    )
    .option('--out <file>', 'write the calibration, for `listen --calibration`')
    .option('--json', 'print JSON');
  return addEngineOption(command).action(calibrate);
}

async function calibrate(folder: string, options: CalibrateOptions): Promise<void> {
  const rate = Number(options.falseAcceptRate);
  if (!(rate > 0 && rate < 1)) {
    throw new WhospeaksError(
      'invalid-option',
      `--false-accept-rate: expected a share between 0 and 1, received "${options.falseAcceptRate}"`,
    );
  }
  if (options.out !== undefined) assertWritable(options.out, '--out');
  const speakers = recordingsOf(folder);
  const model = await openModel(options.model, engineOptions(options));
  try {
    const people = [];
    for (const { name, files } of speakers) {
      const enrolled: HeardVoice[] = [];
      const tests: EmbeddedWindow[][] = [];
      for (const [i, file] of files.entries()) {
        if (i < files.length / 2) enrolled.push(await hearVoice(model, fromFile(file)));
        else tests.push(await lastValueFrom(embeddedWindows(fromFile(file), model).pipe(toArray())));
      }
      people.push({ profile: profileOfHeard(model, name, enrolled), tests });
      if (process.stderr.isTTY)
        process.stderr.write(`\r\x1b[K${people.length} of ${speakers.length} speakers`);
    }
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    const trials = calibrationTrials(model, people);
    assertBothHalves(trials, folder);
    const scoring = fitScoring(trials);
    const file: CalibrationFile = {
      format: CALIBRATION_FORMAT,
      model: { name: model.name, fingerprint: model.fingerprint },
      scoring,
    };
    const same = trials.filter(({ isSame }) => isSame);
    const different = trials.filter(({ isSame }) => !isSame);
    const eer = equalErrorRate({
      targets: same.map(({ score }) => score),
      impostors: different.map(({ score }) => score),
    }).rate;
    const threshold = plain(scoring).acceptAt(rate, people.length);
    const summary = {
      speakers: people.length,
      sameTrials: same.length,
      differentTrials: different.length,
      equalErrorRate: eer,
      // Each half of the speakers judged by what the other half taught.
      logLikelihoodRatioCost: heldOutCost(trials),
      falseAcceptRate: rate,
      standardThreshold: threshold,
      missRates: SECONDS_SHOWN.map((seconds) => ({
        seconds,
        rate: missRate(trials, scoring, threshold, seconds),
      })),
    };
    if (options.out !== undefined) {
      await writeOutput(options.out, `${JSON.stringify({ ...file, measured: summary }, null, 2)}\n`, '--out');
    }
    process.stdout.write(
      options.json ? `${JSON.stringify({ ...file, ...summary })}\n` : textOf(summary, options.out),
    );
  } finally {
    model.close();
  }
}

type Summary = {
  readonly speakers: number;
  readonly sameTrials: number;
  readonly differentTrials: number;
  readonly equalErrorRate: number;
  readonly logLikelihoodRatioCost: number;
  readonly falseAcceptRate: number;
  readonly standardThreshold: number;
  readonly missRates: readonly { readonly seconds: number; readonly rate: number | undefined }[];
};

function textOf(summary: Summary, out: string | undefined): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const missed = summary.missRates.map(
    ({ seconds, rate }) => `${seconds} s: ${rate === undefined ? 'too little speech' : percent(rate)}`,
  );
  return [
    `${summary.speakers} speakers, ${summary.sameTrials} comparisons with the same speaker, ${summary.differentTrials} with another`,
    `equal error rate: ${percent(summary.equalErrorRate)}`,
    `Cllr, speakers not fitted on: ${summary.logLikelihoodRatioCost.toFixed(3)} bit`,
    `threshold for ${percent(summary.falseAcceptRate)} of strangers named, among ${summary.speakers} enrolled: ${summary.standardThreshold.toFixed(2)} (standardised)`,
    `enrolled speakers missed at it, by speech heard: ${missed.join(', ')}`,
    ...(out === undefined
      ? ['nothing was written; --out FILE keeps it for `listen --calibration FILE`']
      : [
          `wrote ${out}: what scores mean, for any rate`,
          `for this threshold: \`listen --calibration FILE --false-accept-rate ${summary.falseAcceptRate}\``,
        ]),
    '',
  ].join('\n');
}

/** Share of the same-speaker trials of about that length which the threshold refuses. */
function missRate(
  trials: readonly LabelledTrial[],
  scoring: CalibrationFile['scoring'],
  threshold: number,
  seconds: number,
): number | undefined {
  const own = trials.filter((trial) => trial.isSame && Math.abs(Math.log(trial.seconds / seconds)) < 0.35);
  if (own.length === 0) return undefined;
  const { impostorMean, impostorDeviation } = scoring;
  return (
    own.filter(({ score }) => (score - impostorMean) / impostorDeviation < threshold).length / own.length
  );
}

/** For scores that are normalised already: no cohort, and a calibration of cosines that is not asked. */
function plain(scoring: CalibrationFile['scoring']): Scorer {
  return new Scorer({ scale: 1, offset: -1 }, null, scoring);
}

/** Each half of the speakers is judged by what the other half taught: both must have spoken, with themselves and with others. */
function assertBothHalves(trials: readonly LabelledTrial[], folder: string): void {
  for (const half of [0, 1]) {
    for (const isSame of [true, false]) {
      if (trials.some((trial) => trial.speaker % 2 === half && trial.isSame === isSame)) continue;
      throw new WhospeaksError(
        'speech-too-short',
        `${folder}: too little speech in the recordings of too many speakers; add some, or leave those folders out`,
      );
    }
  }
}

function heldOutCost(trials: readonly LabelledTrial[]): number {
  const costs = [0, 1].map((half) => {
    const isHalf = ({ speaker }: LabelledTrial): boolean => speaker % 2 === half;
    const scoring = fitScoring(trials.filter((trial) => !isHalf(trial)));
    const scorer = plain(scoring);
    const odds = (isSame: boolean): number[] =>
      trials
        .filter((trial) => isHalf(trial) && trial.isSame === isSame)
        .map(({ score, seconds }) =>
          scorer.logOdds(
            (score - scoring.impostorMean) / scoring.impostorDeviation,
            scorer.genuine(seconds, Infinity),
          ),
        );
    return logLikelihoodRatioCost(odds(true), odds(false));
  });
  return (costs[0]! + costs[1]!) / 2;
}

function recordingsOf(folder: string): VoiceFolder[] {
  const speakers = voiceFoldersIn(folder).filter(({ files }) => files.length >= 2);
  if (speakers.length < MIN_SPEAKERS) {
    throw new WhospeaksError(
      'invalid-option',
      `${folder} has ${speakers.length} speakers with two recordings or more, at least ${MIN_SPEAKERS} are needed; ` +
        'make a folder for each speaker and put the recordings into it',
    );
  }
  return speakers;
}
