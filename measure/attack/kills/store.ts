import { readdir } from 'node:fs/promises';
import { ProfileStore } from '../../../src/index.js';
import { profileFor, randomVoice } from '../../../test/tracker/synthetic.js';
import type { KillLane } from '../kills.js';
import { killWriter } from './kill-writer.js';
import { numberOf, STALE_MS, type Change, type Said } from './store-churn.js';

const MOST_DELAY_MS = 100;
const FILE = /^(index|[0-9a-f]{16})\.json$|^audit\.jsonl$|^trash$/;

/** Each writer goes on from the store that the one before was killed in. */
export const killStoreWriters: KillLane = async (folder, kills, random) => {
  const wrong: string[] = [];
  let cut = 0;
  let first = 1;
  let held: ReadonlyMap<string, number> = new Map();
  for (let i = 0; i < kills; i++) {
    const seed = random.next() * 2 ** 32;
    const args = ['store', folder, String(seed), String(first)];
    const said = await killWriter<Said>(args, random.between(0, MOST_DELAY_MS));
    const { profiles, damaged } = await new ProfileStore({ folder }).list();
    const found = new Map(profiles.map((each) => [each.name, numberOf(each)]));
    for (const { reason } of damaged) wrong.push(`damaged: ${reason}`);
    wrong.push(...compare(expected(held, said), found));
    if ('begun' in said.at(-1)!) cut += 1;
    held = found;
    first += said.length;
  }
  const store = new ProfileStore({ folder, staleLockMs: STALE_MS });
  await store.put(
    profileFor(
      'zoe',
      randomVoice(() => random.next()),
    ),
  );
  const left = (await readdir(folder)).filter((file) => !FILE.test(file));
  for (const file of left) wrong.push(`${file} was never tidied away`);
  return { wrong, cut };
};

/** What each name may hold: one value, or two where its change was under way. */
function expected(
  held: ReadonlyMap<string, number>,
  said: readonly Said[],
): Map<string, readonly (number | null)[]> {
  const now = new Map<string, readonly (number | null)[]>([...held].map(([name, n]) => [name, [n]]));
  let begun: Change = {};
  for (const each of said) {
    begun = 'begun' in each ? each.begun : {};
    if ('done' in each) for (const [name, n] of Object.entries(each.done)) now.set(name, [n]);
  }
  for (const [name, n] of Object.entries(begun)) now.set(name, [...(now.get(name) ?? [null]), n]);
  return now;
}

function compare(
  may: ReadonlyMap<string, readonly (number | null)[]>,
  found: ReadonlyMap<string, number>,
): string[] {
  const wrong: string[] = [];
  for (const [name, values] of may) {
    if (!values.includes(found.get(name) ?? null))
      wrong.push(found.has(name) ? 'another profile than was stored' : 'a profile was lost');
  }
  for (const name of found.keys()) if (!may.has(name)) wrong.push('a profile that nobody stored');
  return wrong;
}
