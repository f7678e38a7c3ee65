/**
 * `npm run attack`: mutated messages and files, kills in the middle of writes, a service under load that means harm, and
 * wrong arguments for the addon; docs/attack.md says what has to hold. Everything is local, bounded, and follows from
 * the seed. What is attacked with (messages, files, clients) is that of test/ and of the load measurement; nothing there
 * imports from here.
 *   npm run attack [-- --only NAME[,NAME]] [--scale F] [--seed N]
 * A section that runs at full scale writes its block into docs/attack.md. Ends with 1 where something does not hold.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { between, summary, table, type Row } from './row.js';
import { SECTION_NAMES, SECTIONS, type SectionName } from './section.js';

const DOCUMENT = fileURLToPath(new URL('../../docs/attack.md', import.meta.url));
const PROGRAM = fileURLToPath(new URL('run-section.ts', import.meta.url));
/** However small the share: what every section takes to start. */
const START_SECONDS = 120;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: SECTION_NAMES.join(',') },
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
  },
});
const names = values.only.split(',') as SectionName[];
const unknown = names.find((name) => !SECTION_NAMES.includes(name));
if (unknown !== undefined) throw new Error(`--only ${unknown}: expected of ${SECTION_NAMES.join(', ')}`);
const scale = Number(values.scale);
if (!(scale > 0 && scale <= 1)) throw new Error(`--scale ${values.scale}: expected more than 0, at most 1`);

let running: ChildProcess | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    if (running !== undefined) killGroup(running);
    process.kill(process.pid, signal);
  });
}

/** A group of its own, so that nothing which a section started outlives it. */
function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

function runSection(name: SectionName, mostSeconds: number): Promise<Row[]> {
  return new Promise((resolve) => {
    // What is killed leaves its temporary files; they go with the section's.
    const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-attack-'));
    const child = fork(PROGRAM, [name, values.seed, values.scale], {
      env: { ...process.env, TMPDIR: scratch },
      execArgv: ['--import', 'tsx', '--expose-gc'],
      detached: true,
    });
    running = child;
    const rows: Row[] = [];
    let isDone = false;
    let why = 'ended';
    const timer = setTimeout(() => {
      why = `did not end in ${mostSeconds.toFixed(0)} s`;
      killGroup(child);
    }, mostSeconds * 1000);
    child.on('message', (message: Row | 'done') => {
      if (message === 'done') isDone = true;
      else print(rows, message);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      killGroup(child);
      rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
      const result = `the section itself ${why} (${signal ?? `exit ${code}`})`;
      if (!isDone) print(rows, { what: name, tried: 1, result, holds: false });
      resolve(rows);
    });
  });
}

/** Told as it comes: a section may take an hour. */
function print(rows: Row[], row: Row): void {
  rows.push(row);
  const lines = table(rows).split('\n');
  process.stdout.write(`${(rows.length === 1 ? lines : lines.slice(-1)).join('\n')}\n`);
}

let failed = 0;
for (const name of names) {
  const { title, promise, isCompared, mostSeconds } = await SECTIONS[name]();
  const startMs = performance.now();
  process.stdout.write(`\n## ${title}\n\n${promise}\n\n`);
  const rows = await runSection(name, START_SECONDS + mostSeconds * scale);
  failed += rows.filter(({ holds }) => !holds).length;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  const machine = `${availableParallelism()} cores of ${cpus()[0]!.model.trim()}`;
  const conditions = `Seed ${values.seed}, ${seconds} s, ${machine}.`;
  process.stdout.write(`\n${conditions}\n`);
  if (scale === 1) {
    const block = `${promise}\n\n${isCompared ? table(rows) : summary(rows)}\n\n${conditions}`;
    writeFileSync(DOCUMENT, between(readFileSync(DOCUMENT, 'utf8'), name, block));
  }
}
process.exitCode = failed > 0 ? 1 : 0;
