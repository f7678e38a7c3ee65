import { Command } from 'commander';
import { SpeakerModel } from '../native/index.js';
import { verify, type Verification } from '../scoring/verify.js';
import { addEngineOption, engineOptions, type EngineOption } from './engine-option.js';
import { fromFile, readAll, SAMPLE_RATE_HZ } from '../stream/index.js';
import { openModel } from './open-model.js';
import { share } from './share-argument.js';

interface EmbedOptions extends EngineOption {
  readonly model?: string;
}

interface CompareOptions extends EmbedOptions {
  readonly falseAcceptRate: number;
  readonly json?: true;
}

export function compareCommand(): Command {
  return addEngineOption(new Command('compare'))
    .argument('<a>', 'an audio file of one voice')
    .argument('<b>', 'another')
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .option(
      '--false-accept-rate <share>',
      'share of pairs of different people that may be called the same',
      share,
      0.01,
    )
    .option('--json', 'print JSON')
    .action(async (a: string, b: string, { falseAcceptRate, ...options }: CompareOptions) => {
      const model = await openModel(options.model, engineOptions(options));
      try {
        const answer = await verify(model, fromFile(a), fromFile(b), { falseAcceptRate });
        process.stdout.write(options.json ? `${JSON.stringify({ a, b, ...answer })}\n` : textOf(answer));
      } finally {
        model.close();
      }
    });
}

function textOf(answer: Verification): string {
  const { secondsA, secondsB, advice } = answer;
  const lines = [verdictOf(answer), `speech: ${secondsA.toFixed(1)} s and ${secondsB.toFixed(1)} s`];
  if (answer.same !== null) {
    lines.push(
      `cosine ${answer.cosine.toFixed(4)}, log-likelihood ratio ${answer.logLikelihoodRatio.toFixed(2)}`,
    );
  }
  return [...lines, ...advice.map((sentence) => `note: ${sentence}`), ''].join('\n');
}

function verdictOf({ same, probability }: Verification): string {
  if (same === null) return 'too little speech to compare';
  const chance = `${percentOf(probability)} if one person was as likely as two before`;
  return same ? `the same person: ${chance}` : `not shown to be the same person: ${chance}`;
}

/** Nothing is certain: 0.9999 is "over 99 %". */
function percentOf(probability: number): string {
  const percent = 100 * probability;
  if (percent > 99) return 'over 99 %';
  return percent < 1 ? 'under 1 %' : `${percent.toFixed(0)} %`;
}

export function embedCommand(): Command {
  return addEngineOption(new Command('embed'))
    .argument('<file>', 'an audio file of one voice')
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .action(async (file: string, options: EmbedOptions) => {
      const samples = await readAll(fromFile(file));
      const model = await SpeakerModel.fromPretrained(options.model, engineOptions(options));
      try {
        const embedding = await model.embed(samples, SAMPLE_RATE_HZ);
        process.stdout.write(`${JSON.stringify({ file, embedding: Array.from(embedding) })}\n`);
      } finally {
        model.close();
      }
    });
}
