import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/acoustics/random.js';
import { killStoreWriters } from './kills/store.js';
import { killFileWriters } from './kills/file.js';
import { WHOLE_FILES, type WholeFileKind } from './kills/whole-files.js';
import { tally, type Row } from './row.js';
import { share, type Section, type Task } from './section.js';

const KILLS = 200;
/** At a time, each with a folder of its own: most of the time a writer waits for the lock of the one before. */
const LANES = 4;

/** Kills in one folder, one after another; returns what was wrong, and in how many of them a write was cut. */
export type KillLane = (folder: string, kills: number, random: Random) => Promise<Killed>;
export interface Killed {
  readonly wrong: readonly string[];
  readonly cut: number;
}

export const kills: Section = {
  title: 'Kills',
  promise:
    'A process that is killed during a write loses nothing that it had stored, and a half-written file is never read.',
  mostSeconds: 3600,
  async *run(task) {
    yield await kill('the speaker store', killStoreWriters, KILLS, task);
    const kinds = Object.keys(WHOLE_FILES) as WholeFileKind[];
    for (const kind of kinds) yield await kill(kind, killFileWriters(kind), KILLS / kinds.length, task);
  },
};

async function kill(what: string, lane: KillLane, count: number, task: Task): Promise<Row> {
  const each = Math.ceil(share(count, task) / LANES);
  const home = mkdtempSync(join(tmpdir(), 'whospeaks-attack-'));
  const lanes = Array.from({ length: LANES }, (_, i) =>
    lane(mkdtempSync(join(home, 'lane-')), each, new Random(task.seed * LANES + i)),
  );
  const ends = await Promise.all(lanes);
  const wrong = ends.flatMap((end) => end.wrong);
  const cut = ends.reduce((sum, end) => sum + end.cut, 0);
  return {
    what: `SIGKILL: ${what}`,
    tried: each * LANES,
    result: `${tally(wrong) || 'nothing lost'}; a write was under way in ${cut}`,
    holds: wrong.length === 0,
  };
}
