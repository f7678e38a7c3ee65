// Runs the benchmarks and writes docs/benchmarks.md and docs/benchmarks.svg. The peers must be there:
// npm ci --prefix bench --ignore-scripts
//   npm run bench [-- --audio ../shared/audio] [--only TITLE]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { barChart } from './plot.js';

const { values } = parseArgs({
  options: { audio: { type: 'string', default: '../shared/audio' }, only: { type: 'string' } },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-bench-'));
const rowsFile = join(scratch, 'streams.json');

interface Part {
  readonly title: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** On one core only, as far as the system lets us say so. */
  readonly isPinned?: true;
  /** Output that is Markdown already. */
  readonly isTable?: true;
}

const all: readonly Part[] = [
  { title: 'ResNet34, one chunk, one thread', args: ['bench/chunk.ts'] },
  {
    title: 'ResNet34, one chunk, two threads',
    args: ['bench/chunk.ts', '--threads', '2', '--repeats', '20'],
  },
  ...withoutAvx512(),
  { title: 'The bundled model, one chunk, one thread', args: ['bench/chunk.ts', '--model', 'models'] },
  {
    title: 'Live streams',
    args: ['bench/streams.ts', '--json', rowsFile],
    isPinned: true,
    isTable: true,
  },
  { title: 'What the time depends on', args: ['bench/costs.ts'], isTable: true },
  { title: 'Who of very many', args: ['bench/index.ts'], isTable: true },
  {
    title: 'The adaptive step',
    args: ['bench/adaptive-step.ts', '--audio', values.audio],
    isTable: true,
  },
  { title: 'Accuracy in bf16', args: ['bench/precision.ts', '--audio', values.audio], isTable: true },
];
const parts = all.filter(({ title }) => values.only === undefined || title.includes(values.only));

/** Both runtimes without AVX-512, where the processor can be made to deny it. */
function withoutAvx512(): Part[] {
  const library = join(scratch, 'no-avx512.so');
  const source = join(root, 'bench/no-avx512/no-avx512.c');
  const built = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  const env = { LD_PRELOAD: library };
  if (built.status !== 0 || spawnSync('true', { env: { ...process.env, ...env } }).status !== 0) return [];
  return [
    {
      title: 'ResNet34, one chunk, one thread, all runtimes without AVX-512 and AMX',
      args: ['bench/chunk.ts', '--repeats', '20'],
      env,
    },
  ];
}

function run({ args, env, isPinned }: Part): string {
  const command = [process.execPath, '--import', 'tsx', ...args];
  const canPin = isPinned === true && spawnSync('taskset', ['--version']).status === 0;
  const [program, ...rest] = canPin ? ['taskset', '-c', '0', ...command] : command;
  return execFileSync(program!, rest, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}

const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
const load = loadavg()[0]!.toFixed(1);
const sections = parts.map((part) => {
  const started = performance.now();
  const output = run(part);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${part.title} (${seconds} s)\n${output}\n`);
  return `## ${part.title}\n\n${part.isTable ? output : `\`\`\`text\n${output}\n\`\`\``}\n`;
});
if (values.only === undefined) {
  const rows = JSON.parse(readFileSync(rowsFile, 'utf8')) as { name: string; streams: number }[];
  const bars = rows
    .filter(({ name }) => !name.includes('without'))
    .map(({ name, streams }) => ({ name, value: streams, isOurs: name.startsWith('whospeaks') }));
  writeFileSync(
    new URL('../docs/benchmarks.svg', import.meta.url),
    barChart('Live streams a core, ResNet34, a window of 1.5 s every 0.5 s', bars),
  );
  const head = `# Benchmarks

Written by \`npm run bench\`. Machine: ${machine}; load average at the start ${load}. All runtimes take turns in
one process, so that whatever else the machine does meets all of them; ratios are of neighbouring runs, minimum /
median / maximum. Below 1 is faster than the other. CPU time is what other programs on the machine disturb least.

![Live streams a core](benchmarks.svg)
`;
  writeFileSync(new URL('../docs/benchmarks.md', import.meta.url), [head, ...sections].join('\n'));
}
