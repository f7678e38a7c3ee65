import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { WhospeaksError } from '../errors.js';
import {
  detChart,
  equalErrorRate,
  likelihoodCost,
  minimumDetectionCost,
  minimumLikelihoodCost,
  readTrials,
  trialsOf,
  type Trial,
  type Trials,
} from '../evaluate/index.js';
import { SpeakerModel } from '../native/index.js';
import { sideComparer, sideOf, type Side } from '../scoring/verify.js';
import { fromFile } from '../stream/index.js';
import { addEngineOption, engineOptions, type EngineOption } from './engine-option.js';
import { addOutputOptions, readText, type OutputFlags } from './evaluate-input.js';
import { assertWritable, writeOutput } from './output-file.js';
import { aligned, percent } from './evaluate-text.js';
import { openModel } from './open-model.js';
import { cosines, naming, type CosineOptions, type Scores } from './trial-cosines.js';

interface TrialFlags extends OutputFlags, EngineOption, CosineOptions {
  readonly model?: string;
  readonly audio?: string;
  readonly prior: number;
  readonly llr?: true;
}

export function trialsCommand(): Command {
  const command = new Command('trials')
    .description('Equal error rate, minimum detection cost and DET curve of a trial list.')
    .argument('<list>', 'lines "1 FILE FILE" or "0 FILE FILE", or "1 SCORE" if scored')
    .option('--audio <dir>', 'folder of the files (default: that of the list)')
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .option('--prior <p>', 'prior probability of a target, for the detection cost', probability, 0.01)
    .option(
      '--mean-of <dir>',
      'subtract the mean embedding of the recordings in this folder and those within, before the cosine',
    )
    .option(
      '--as-norm <dir>',
      'normalise the cosines with the voices of this folder, a folder a voice (AS-norm)',
    )
    .option('--as-norm-top <n>', 'with how many voices, those most alike', voicesArgument, 300)
    .option('--llr', 'print Cllr and minimum Cllr: of scores that are natural ones, or of `compare`');
  addEngineOption(command);
  return addOutputOptions(command, 'the DET curve').action(async (path: string, flags: TrialFlags) => {
    if (flags.svg !== undefined) assertWritable(flags.svg, '--svg');
    for (const [name, value] of [
      ['--mean-of', flags.meanOf],
      ['--as-norm', flags.asNorm],
    ] as const) {
      if (flags.llr && value !== undefined) {
        throw new WhospeaksError(
          'invalid-option',
          `${name} is for cosines, and --llr prints no cosines: leave out one`,
        );
      }
    }
    const list = readTrials(readText(path), path);
    const trials =
      list.kind === 'scores'
        ? list.trials
        : await compared(list.pairs, path, flags.audio ?? dirname(path), flags);
    if (flags.svg !== undefined) {
      await writeOutput(flags.svg, detChart(path, [{ name: `${countOf(trials)} trials`, trials }]), '--svg');
    }
    const f = figures(trials, flags);
    process.stdout.write(flags.json ? `${JSON.stringify(f)}\n` : report(f));
  });
}

function figures(trials: Trials, { prior: targetPrior, llr }: TrialFlags) {
  const equal = equalErrorRate(trials);
  const least = minimumDetectionCost(trials, { targetPrior });
  return {
    targets: trials.targets.length,
    impostors: trials.impostors.length,
    equalErrorRate: equal.rate,
    equalErrorThreshold: equal.threshold,
    minimumDetectionCost: least.cost,
    minimumDetectionThreshold: Number.isFinite(least.threshold) ? least.threshold : null,
    targetPrior,
    ...(llr ? likelihoodCosts(trials) : {}),
  };
}

/** Of cosines they would mean nothing. */
function likelihoodCosts(trials: Trials) {
  return {
    logLikelihoodRatioCost: likelihoodCost(trials),
    minimumLogLikelihoodRatioCost: minimumLikelihoodCost(trials),
  };
}

function report(f: ReturnType<typeof figures>): string {
  const { logLikelihoodRatioCost: cost, minimumLogLikelihoodRatioCost: leastCost } = f;
  const threshold = f.minimumDetectionThreshold;
  return aligned([
    ['trials', `${f.targets} of one voice, ${f.impostors} of two`],
    ['equal error rate', `${percent(f.equalErrorRate)} at ${f.equalErrorThreshold.toFixed(4)}`],
    [
      `minimum cost, prior ${f.targetPrior}`,
      `${f.minimumDetectionCost.toFixed(4)} ${threshold === null ? '(nothing accepted)' : `at ${threshold.toFixed(4)}`}`,
    ],
    ...(cost === undefined || leastCost === undefined
      ? []
      : ([
          ['Cllr', `${cost.toFixed(4)} bit`],
          ['minimum Cllr', `${leastCost.toFixed(4)} bit`],
        ] as const)),
  ]);
}

/** Every file is heard once: embedded whole, for the cosine, or, for log-likelihood ratios, as `verify` hears it. */
async function compared(
  pairs: readonly Trial[],
  list: string,
  folder: string,
  { model: name, engine, precision, llr, ...flags }: TrialFlags,
): Promise<Trials> {
  const paths = new Map<string, string>();
  for (const { line, a, b } of pairs) {
    for (const file of [a, b]) {
      const path = resolve(folder, file);
      if (!paths.has(file) && !existsSync(path)) {
        throw new WhospeaksError(
          'file-not-found',
          `${list}, line ${line}: no such file: ${path}; correct the line, or name the folder with --audio`,
        );
      }
      paths.set(file, path);
    }
  }
  const options = engineOptions({ engine, precision });
  const model = await (llr ? openModel(name, options) : SpeakerModel.fromPretrained(name, options));
  try {
    const score = llr ? await likelihoodRatios(model, paths) : await cosines(model, paths, flags);
    return trialsOf(
      pairs.map(({ target, a, b }) => ({ target, score: score(a, b) })),
      list,
    );
  } finally {
    model.close();
  }
}

async function likelihoodRatios(model: SpeakerModel, paths: ReadonlyMap<string, string>): Promise<Scores> {
  const sides = new Map<string, Side>();
  for (const [file, path] of paths) {
    sides.set(file, await naming(path, () => sideOf(model, fromFile(path), 'trials', 'heard')));
  }
  const compare = sideComparer(model);
  // Too little speech says nothing either way.
  return (a, b) => compare(sides.get(a)!, sides.get(b)!).logLikelihoodRatio ?? 0;
}

function countOf({ targets, impostors }: Trials): number {
  return targets.length + impostors.length;
}

function voicesArgument(value: string): number {
  const count = Number(value);
  if (!(Number.isInteger(count) && count >= 2))
    throw new InvalidArgumentError('expected a whole number, 2 or more.');
  return count;
}

function probability(value: string): number {
  const p = Number(value);
  if (!(p > 0 && p < 1)) throw new InvalidArgumentError('expected a probability between 0 and 1.');
  return p;
}
