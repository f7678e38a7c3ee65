/** Reads mutants of one format: `child.ts FORMAT SEED`, then a number for each. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerJobs } from '../answer-jobs.js';
import { FORMATS, mutantOf } from './formats.js';

/** A sign of life no more often than this. */
const ALIVE_MS = 200;

const [name, seed] = process.argv.slice(2);
const format = await FORMATS[name!]!();
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-attack-'));
const path = join(folder, format.file);
await format.prepare?.(folder);

// The first file of a kind pays for loading what reads it. A valid one that is refused ends the process here.
for (const bytes of format.valid) {
  writeFileSync(path, bytes);
  await format.read(path, () => undefined);
}

answerJobs(async (job, alive) => {
  const index = Number(job);
  writeFileSync(path, mutantOf(format, Number(seed), index));
  let toldMs = performance.now();
  const result = await format.read(path, () => {
    if (performance.now() - toldMs < ALIVE_MS) return;
    toldMs = performance.now();
    alive();
  });
  return result;
});
