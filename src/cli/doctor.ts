import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { readModel, resolveModel } from '../model/index.js';
import { selfTest, type EngineReport, type SelfTest } from '../native/index.js';
import { EXIT } from './exit-codes.js';

interface DoctorOptions {
  readonly model?: string;
  readonly json?: true;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .option('--model <name>', 'model name or file to test with (default: the bundled one)')
    .option('--json', 'print JSON')
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const model = await readModel(await resolveModel(options.model));
  const test = await selfTest(model);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const about = { version, node: process.version, platform: `${process.platform}-${process.arch}` };
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...about, model: model.name, ...test }, undefined, 2)}\n`
      : `whospeaks ${about.version}, Node ${about.node}, ${about.platform}; model ${model.name}\n${describe(test)}`,
  );
  if (!test.agree) process.exitCode = EXIT.engine;
}

function describe({ engines, agree, recommended, automatic }: SelfTest): string {
  const lines = engines.map((engine) => `${engine.name.padEnd(5)} ${describeEngine(engine)}`);
  if (!agree)
    lines.push('an engine does not compute what the cpu engine does: do not use it, and report this');
  const choice =
    recommended === automatic ? `${automatic}, which auto takes` : `${recommended}; auto takes ${automatic}`;
  return `${[...lines, `recommended here: ${choice}`].join('\n')}\n`;
}

function describeEngine({ reason, device, chunkMs, cosine }: EngineReport): string {
  if (reason !== '') return `not there: ${reason}`;
  return `${device}; ${chunkMs!.toFixed(2)} ms for 1.5 s of speech; cosine with cpu ${cosine!.toFixed(7)}`;
}
