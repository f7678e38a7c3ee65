import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProfileStore } from '../../../src/speakers/store/profile-store.js';
import { builtProgram } from '../../built-program.js';
import type { Profile } from '../../../src/speakers/profile.js';
import { profileToJson } from '../../../src/speakers/profile-file.js';

/** What the child says. */
export interface Told {
  readonly doing?: readonly string[];
  readonly done?: Readonly<Record<string, string | null>>;
}

export interface Kills {
  readonly kills: number;
  /** Of those, how many came while a change was under way. */
  readonly inChange: number;
  /** Changes that were told to be done, in all. */
  readonly changes: number;
}

/** Changes that the child makes one after the other before it begins anew. */
const KINDS = 10;

/** The child that changes a store until it is killed. */
export const CHILD = 'test/speakers/store/store-child.ts';

/** All that is stored of a speaker but the name, in short. */
export function sumOf(profile: Profile): string {
  return createHash('sha256')
    .update(JSON.stringify({ ...profileToJson(profile), name: '' }))
    .digest('hex');
}

/**
 * Let a child change the store `folder` and kill it, `kills` times: at some moment within `mostMs` of the beginning of one of its
 * first changes, which are of every kind there is. Throws
 * where a speaker that it told as stored is lost or other than stored, one that it told as removed is there, or a file is
 * damaged. Only of those whom the change under way touches either state will do.
 */
export async function killWhileWriting(
  folder: string,
  {
    kills,
    mostMs,
    random,
  }: { readonly kills: number; readonly mostMs: number; readonly random: () => number },
): Promise<Kills> {
  const store = new ProfileStore({ folder, staleLockMs: 2000 });
  const expected = new Map((await store.list()).profiles.map((each) => [each.name, sumOf(each)]));
  let inChange = 0;
  let changes = 0;
  for (let round = 0; round < kills; round++) {
    const lines = await untilKilled(folder, 1 + Math.floor(random() * KINDS), random() * mostMs);
    for (const { done } of lines) {
      if (done === undefined) continue;
      changes++;
      for (const [name, sum] of Object.entries(done)) {
        if (sum === null) expected.delete(name);
        else expected.set(name, sum);
      }
    }
    const last = lines.at(-1);
    if (last?.doing !== undefined) inChange++;
    await assertKept(store, expected, new Set(last?.doing), round);
  }
  return { kills, inChange, changes };
}

async function untilKilled(folder: string, inChange: number, afterMs: number): Promise<Told[]> {
  const child = spawn(process.execPath, [await builtProgram(CHILD), 'churn', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const told: Told[] = [];
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      // The last may be cut by the kill.
      if (line.endsWith('}')) told.push(JSON.parse(line) as Told);
    });
    const ended = once(child, 'exit');
    const closed = once(lines, 'close');
    const begun = (): number => told.filter(({ doing }) => doing !== undefined).length;
    while (child.exitCode === null && begun() < inChange) await Promise.race([once(lines, 'line'), ended]);
    await sleep(afterMs);
    if (child.exitCode !== null) throw new Error('the child ended by itself');
    child.kill('SIGKILL');
    await Promise.all([ended, closed]);
    return told;
  } finally {
    child.kill('SIGKILL');
  }
}

async function assertKept(
  store: ProfileStore,
  expected: Map<string, string>,
  touched: ReadonlySet<string>,
  round: number,
): Promise<void> {
  const { profiles, damaged } = await store.list();
  const fail = (what: string): never => {
    throw new Error(`kill ${round + 1}: ${what}`);
  };
  if (damaged.length > 0) fail(`damaged: ${JSON.stringify(damaged)}`);
  const found = new Map(profiles.map((each) => [each.name, sumOf(each)]));
  for (const [name, sum] of expected) {
    if (found.get(name) !== sum && !touched.has(name)) fail(`${name} is lost or changed`);
  }
  for (const name of found.keys()) {
    if (!expected.has(name) && !touched.has(name)) fail(`${name} is there, and should not be`);
  }
  // A speaker is renamed, never gone: of the two names one is there.
  const [from, to] = [...touched];
  if (to !== undefined && found.has(from!) === found.has(to)) fail(`${from!} is lost in renaming`);
  for (const name of touched) {
    if (found.has(name)) expected.set(name, found.get(name)!);
    else expected.delete(name);
  }
  const file = `${store.folder}.export`;
  if (existsSync(file)) {
    const other = new ProfileStore({ folder: `${store.folder}.imported-${round}` });
    if ((await other.import(file)).length !== 1) fail('the exported file is damaged');
    await rm(other.folder, { recursive: true });
  }
}
