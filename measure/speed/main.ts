// Runs the benchmarks and writes docs/benchmarks.md and docs/benchmarks.svg. The peers must be there:
// npm ci --prefix measure/speed --ignore-scripts
//   npm run bench [-- --audio ../shared/audio] [--only TITLE] [--quick] [--out docs]
// `--quick` takes few repeats, to see that all of it runs; `--out` is the folder that is written to.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { goalsTable } from './goals.js';
import { barChart } from './plot.js';
import { recorded, RESULTS_VARIABLE } from './results.js';

const { values } = parseArgs({
  options: {
    audio: { type: 'string', default: '../shared/audio' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string', default: 'docs' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-bench-'));
const rowsFile = join(scratch, 'streams.json');
const resultsFile = join(scratch, 'results.jsonl');

interface Part {
  readonly title: string;
  readonly args: readonly string[];
  /** Added where `--quick` is given. */
  readonly quick?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** On one core only, as far as the system lets us say so. */
  readonly isPinned?: true;
  /** Output that is Markdown already. */
  readonly isTable?: true;
}

const all: readonly Part[] = [
  {
    title: 'ResNet34, one chunk, one thread',
    args: ['measure/speed/chunk.ts', '--record', 'ort'],
    quick: ['--repeats', '8'],
  },
  {
    title: 'ResNet34, one chunk, two threads',
    args: ['measure/speed/chunk.ts', '--threads', '2', '--repeats', '30'],
    quick: ['--repeats', '8'],
  },
  ...withoutAvx512(),
  {
    title: 'The bundled model, one chunk, one thread',
    args: ['measure/speed/chunk.ts', '--model', 'models'],
    quick: ['--repeats', '8'],
  },
  {
    title: 'Segmentation, one window of 10 s, one thread',
    args: ['measure/speed/segmentation.ts'],
    quick: ['--repeats', '8'],
  },
  {
    title: 'Segmentation, six windows at once, one thread',
    args: ['measure/speed/segmentation.ts', '--windows', '6', '--repeats', '12'],
    quick: ['--repeats', '4'],
  },
  { title: 'Loading', args: ['measure/speed/load.ts'] },
  {
    title: 'Live streams',
    args: ['measure/speed/streams.ts', '--json', rowsFile],
    quick: ['--rounds', '3', '--seconds', '3'],
    isPinned: true,
    isTable: true,
  },
  { title: 'Around the network', args: ['measure/speed/stages.ts'], quick: ['--rounds', '4'], isTable: true },
  {
    title: 'What the time depends on',
    args: ['measure/speed/costs.ts'],
    quick: ['--repeats', '3'],
    isTable: true,
  },
  {
    title: 'Who of very many',
    args: ['measure/speed/speaker-index.ts'],
    quick: ['--sizes', '1000,100000'],
    isTable: true,
  },
  {
    title: 'The adaptive step',
    args: ['measure/speed/adaptive-step.ts', '--audio', values.audio],
    quick: ['--seconds', '60'],
    isTable: true,
  },
  {
    title: 'Accuracy in reduced precision',
    args: ['measure/speed/precision.ts', '--audio', values.audio],
    isTable: true,
  },
];
const parts = all.filter(({ title }) => values.only === undefined || title.includes(values.only));

/** Both runtimes without AVX-512, where the processor can be made to deny it. */
function withoutAvx512(): Part[] {
  const library = join(scratch, 'no-avx512.so');
  const source = join(root, 'measure/speed/no-avx512/no-avx512.c');
  const built = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  const env = { LD_PRELOAD: library };
  if (built.status !== 0 || spawnSync('true', { env: { ...process.env, ...env } }).status !== 0) return [];
  return [
    {
      title: 'ResNet34, one chunk, one thread, all runtimes without AVX-512 and AMX',
      args: ['measure/speed/chunk.ts', '--repeats', '20', '--record', 'ort without avx512'],
      quick: ['--repeats', '5'],
      env,
    },
  ];
}

/** What the part prints; undefined where it failed, which it has said itself. */
function run({ args, quick = [], env, isPinned }: Part): string | undefined {
  const command = [process.execPath, '--import', 'tsx', ...args, ...(values.quick ? quick : [])];
  const canPin = isPinned === true && spawnSync('taskset', ['--version']).status === 0;
  const [program, ...rest] = canPin ? ['taskset', '-c', '0', ...command] : command;
  const { status, stdout } = spawnSync(program!, rest, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env, [RESULTS_VARIABLE]: resultsFile },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return status === 0 ? stdout.trim() : undefined;
}

const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
const load = loadavg()[0]!.toFixed(1);
const sections: string[] = [];
const failed: string[] = [];
for (const part of parts) {
  const started = performance.now();
  const output = run(part);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${part.title} (${seconds} s)\n${output ?? 'FAILED'}\n`);
  if (output === undefined) failed.push(part.title);
  // The goals have what matters of the others.
  else if (part.isTable) sections.push(`## ${part.title}\n\n${output}\n`);
}
const goals = goalsTable(recorded(resultsFile));
console.log(goals);
if (values.only === undefined && failed.length === 0) {
  const rows = JSON.parse(readFileSync(rowsFile, 'utf8')) as { name: string; streams: number }[];
  const bars = rows.map(({ name, streams }) => ({
    name,
    value: streams,
    isOurs: name.startsWith('whospeaks'),
  }));
  writeFileSync(
    join(values.out, 'benchmarks.svg'),
    barChart('Live streams a core, ResNet34, a window of 1.5 s every 0.5 s', bars),
  );
  const notes = join(root, 'measure/speed/notes.md');
  const head = `# Benchmarks

Written by \`npm run bench\`. Machine: ${machine}; load average at the start ${load}. All runtimes
take turns in one process, so that other load meets all of them. Ratios are medians of neighbouring runs. ResNet34 runs in
fp32 on one thread unless stated.

## Goals

${goals}

${existsSync(notes) ? readFileSync(notes, 'utf8') : ''}
![Live streams a core](benchmarks.svg)
`;
  writeFileSync(join(values.out, 'benchmarks.md'), [head, ...sections].join('\n'));
}
rmSync(scratch, { recursive: true });
if (failed.length > 0) {
  console.error(`failed: ${failed.join('; ')}`);
  process.exitCode = 1;
}
