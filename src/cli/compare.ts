import { Command } from 'commander';
import { cosineSimilarity, SpeakerModel } from '../native/index.js';
import { addEngineOption, type EngineOption } from './engine-option.js';
import { fromFile, readAll, SAMPLE_RATE_HZ } from '../stream/index.js';

interface CompareOptions extends EngineOption {
  readonly model?: string;
  readonly json?: true;
}

export function compareCommand(): Command {
  return addEngineOption(new Command('compare'))
    .argument('<a>', 'an audio file of one voice')
    .argument('<b>', 'another')
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .option('--json', 'print JSON')
    .action(async (a: string, b: string, options: CompareOptions) => {
      const [first, second] = await embedFiles([a, b], options);
      const cosine = cosineSimilarity(first!, second!);
      process.stdout.write(options.json ? `${JSON.stringify({ a, b, cosine })}\n` : `${cosine.toFixed(4)}\n`);
    });
}

export function embedCommand(): Command {
  return addEngineOption(new Command('embed'))
    .argument('<file>', 'an audio file of one voice')
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .action(async (file: string, options: CompareOptions) => {
      const [embedding] = await embedFiles([file], options);
      process.stdout.write(`${JSON.stringify({ file, embedding: Array.from(embedding!) })}\n`);
    });
}

async function embedFiles(files: readonly string[], options: CompareOptions): Promise<Float32Array[]> {
  const recordings: Float32Array[] = [];
  for (const file of files) recordings.push(await readAll(fromFile(file)));
  const model = await SpeakerModel.fromPretrained(options.model, { engine: options.engine });
  try {
    return await Promise.all(recordings.map((samples) => model.embed(samples, SAMPLE_RATE_HZ)));
  } finally {
    model.close();
  }
}
