// Runs the benchmarks, keeps what they measure in docs/benchmarks.json, and writes docs/benchmarks.md and
// docs/benchmarks.svg from all that is kept there. The peers must be there:
// npm ci --prefix measure/speed --ignore-scripts
// onnxruntime's int8 needs Python 3.11 or later (PYTHON, else python3); its venv is made at first use.
//   npm run bench [-- --audio ../shared/audio] [--only TITLE]... [--document] [--quick] [--out DIR]
// `--only` measures the sections whose titles have this in them, and keeps the others as they are; `--document` measures
// nothing. `--quick` takes few repeats, to see that all of it runs, and writes to measure/speed/results; `--out` is
// another folder to write to. No document is written of sections of different weights, or where one is missing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allResults, benchmarksDocument } from './document/document.js';
import {
  mergeSections,
  readSections,
  whyNoDocument,
  writeSections,
  type Section,
  type Sections,
} from './document/kept.js';
import { partsOf, type Part } from './document/parts.js';
import { stampNow } from './document/stamp.js';
import { goalsTable } from './goals.js';
import { barChart } from './plot.js';
import { recorded, RESULTS_VARIABLE } from './results.js';

const { values } = parseArgs({
  options: {
    audio: { type: 'string', default: '../shared/audio' },
    only: { type: 'string', multiple: true },
    document: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const out = values.out ?? (values.quick ? join(root, 'measure/speed/results') : 'docs');
const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-bench-'));
process.on('exit', () => {
  rmSync(scratch, { recursive: true });
});

/** What makes both runtimes do without AVX-512; undefined where the processor cannot be made to deny it. */
function withoutAvx512(): NodeJS.ProcessEnv | undefined {
  const library = join(scratch, 'no-avx512.so');
  const source = join(root, 'measure/speed/no-avx512/no-avx512.c');
  const built = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  const env = { LD_PRELOAD: library };
  return built.status === 0 && spawnSync('true', { env: { ...process.env, ...env } }).status === 0
    ? env
    : undefined;
}

/** The first that this process may use; undefined where the system does not say, or cannot pin. */
function firstCore(): string | undefined {
  const { status, stdout } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
  return status === 0 ? /(\d+)[-,\d]*\s*$/.exec(stdout)?.[1] : undefined;
}

/** What the part prints, and what it records; undefined where it failed, which it has said itself. */
function run({
  args,
  quick = [],
  isPinned,
  isWithoutAvx512,
}: Part): Pick<Section, 'output' | 'results'> | undefined {
  const command = [process.execPath, '--import', 'tsx', ...args, ...(values.quick ? quick : [])];
  const core = isPinned === true ? firstCore() : undefined;
  const [program, ...rest] = core === undefined ? command : ['taskset', '-c', core, ...command];
  const results = join(scratch, 'results.jsonl');
  rmSync(results, { force: true });
  const { status, stdout } = spawnSync(program!, rest, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...(isWithoutAvx512 ? noAvx512 : {}), [RESULTS_VARIABLE]: results },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return status === 0 ? { output: stdout.trim(), results: Object.fromEntries(recorded(results)) } : undefined;
}

function writeDocument(sections: Sections): void {
  const notes = readFileSync(join(root, 'measure/speed/notes.md'), 'utf8');
  writeFileSync(join(out, 'benchmarks.md'), benchmarksDocument(sections, notes));
  const prefix = 'streams resnet34 a core: ';
  const bars = [...allResults(sections)]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => ({ name: name.slice(prefix.length), value }))
    .map((bar) => ({ ...bar, isOurs: bar.name.startsWith('whospeaks') }));
  const chart = barChart('Live streams a core, ResNet34, a window of 1.5 s every 0.5 s', bars);
  writeFileSync(join(out, 'benchmarks.svg'), chart);
}

const all = partsOf(values.audio);
const noAvx512 = withoutAvx512();
const possible = all.filter(({ isWithoutAvx512 }) => !isWithoutAvx512 || noAvx512 !== undefined);
const { only } = values;
const asked =
  only === undefined ? possible : possible.filter((p) => only.some((text) => p.title.includes(text)));
if (asked.length === 0) throw new Error(`no section ${only!.join(', ')}`);
const parts = values.document ? [] : asked;
// A whole run leaves no section of another that it could not measure itself.
const titles = (only === undefined && !values.document ? possible : all).map(({ title }) => title);

mkdirSync(out, { recursive: true });
const file = join(out, 'benchmarks.json');
const stamp = stampNow(root, values.quick);
let sections = mergeSections(readSections(file), new Map(), titles);
const failed: string[] = [];
for (const part of parts) {
  const load = loadavg()[0]!;
  const started = performance.now();
  const measured = run(part);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${part.title} (${seconds} s)\n${measured?.output ?? 'FAILED'}\n`);
  if (measured === undefined) {
    failed.push(part.title);
    continue;
  }
  // At once: what was measured stays where a later one is interrupted.
  sections = mergeSections(sections, new Map([[part.title, { stamp, load, ...measured }]]), titles);
  writeSections(file, sections);
}
console.log(goalsTable(allResults(sections)));
const problems = failed.length === 0 ? [] : [`failed: ${failed.join('; ')}`];
const reason = whyNoDocument(
  sections,
  possible.map(({ title }) => title),
);
if (reason === undefined) writeDocument(sections);
else problems.push(`${join(out, 'benchmarks.md')} was not written: ${reason}`);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
