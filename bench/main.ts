// Runs the benchmarks and writes docs/benchmarks.md. The peers must be there: npm ci --prefix bench --ignore-scripts
//   npm run bench [-- --audio ../shared/audio]
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { audio: { type: 'string', default: '../shared/audio' } } });
const root = fileURLToPath(new URL('..', import.meta.url));

interface Part {
  readonly title: string;
  readonly args: readonly string[];
  readonly simd?: string;
  /** Output that is Markdown already. */
  readonly table?: true;
}

const parts: readonly Part[] = [
  { title: 'ResNet34, one chunk, one thread', args: ['bench/chunk.ts'] },
  { title: 'ResNet34, one chunk, two threads', args: ['bench/chunk.ts', '--threads', '2'] },
  {
    title: 'ResNet34, one chunk, one thread, ours without AVX-512 (onnxruntime with it)',
    args: ['bench/chunk.ts', '--no-sherpa'],
    simd: 'avx2',
  },
  { title: 'The bundled model, one chunk, one thread', args: ['bench/chunk.ts', '--model', 'models'] },
  { title: 'Accuracy in bf16', args: ['bench/precision.ts', '--audio', values.audio], table: true },
];

function run({ args, simd }: Part): string {
  const env = simd === undefined ? process.env : { ...process.env, WHOSPEAKS_SIMD: simd };
  const command = ['--import', 'tsx', ...args];
  return execFileSync(process.execPath, command, {
    cwd: root,
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`;
const load = loadavg()[0]!.toFixed(1);
const sections = parts.map((part) => {
  const output = run(part).trim();
  console.log(`${part.title}\n${output}\n`);
  return `## ${part.title}\n\n${part.table ? output : `\`\`\`text\n${output}\n\`\`\``}\n`;
});
const head = `# Benchmarks

Written by \`npm run bench\`. Machine: ${machine}; load average at the start ${load}. All runtimes take turns in
one process, so that whatever else the machine does meets all of them; ratios are of neighbouring runs, minimum /
median / maximum. Below 1 is faster than the other.
`;
writeFileSync(new URL('../docs/benchmarks.md', import.meta.url), [head, ...sections].join('\n'));
