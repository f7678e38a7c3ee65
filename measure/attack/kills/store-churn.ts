import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Random } from '../../../src/acoustics/random.js';
import { ProfileStore, type Profile } from '../../../src/index.js';
import { profileFor, randomVoice } from '../../../test/tracker/synthetic.js';

/** What each name is to hold once a change is done: a number of its own, or null where it is gone. */
export type Change = Readonly<Record<string, number | null>>;

export type Said = { readonly begun: Change } | { readonly done: Change };

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];
export const STALE_MS = 2000;
/** As many as make a file that is not written in one go. */
const EXEMPLARS = 200;

/** The number of a stored profile stands in its length of speech. */
export function numberOf({ speechSeconds }: Profile): number {
  return speechSeconds;
}

/** Every kind of change, one after another, for ever. */
export async function churn(
  folder: string,
  random: Random,
  first: number,
  say: (said: Said) => void,
): Promise<void> {
  const store = new ProfileStore({ folder, staleLockMs: STALE_MS });
  const held = new Map((await store.list()).profiles.map((each) => [each.name, numberOf(each)]));
  const made = (name: string, number: number): Profile => {
    const voice = randomVoice(() => random.next());
    const exemplars = Array<Float32Array>(EXEMPLARS).fill(voice);
    return { ...profileFor(name, voice), exemplars, speechSeconds: number };
  };
  const change = async (what: Change, work: () => Promise<unknown>): Promise<void> => {
    say({ begun: what });
    await work();
    say({ done: what });
    for (const [name, number] of Object.entries(what)) {
      if (number === null) held.delete(name);
      else held.set(name, number);
    }
  };
  for (let number = first; ; number++) {
    const name = random.pick(NAMES);
    const other = random.pick(NAMES.filter((each) => each !== name));
    const there = held.get(name);
    if (there === undefined) await change({ [name]: number }, () => store.add(made(name, number)));
    else if (random.next() < 0.2)
      await change({ [name]: null }, () => store.delete(name, { erase: random.next() < 0.5 }));
    else if (random.next() < 0.3 && !held.has(other))
      await change({ [name]: null, [other]: there }, () => store.rename(name, other));
    else if (random.next() < 0.3)
      await change({ [name]: number, [other]: number }, () =>
        importBoth(store, [made(name, number), made(other, number)]),
      );
    else await change({ [name]: number }, () => store.put(made(name, number), { replaces: name }));
  }
}

/** Several at once, by way of an exported file. */
async function importBoth(store: ProfileStore, profiles: readonly Profile[]): Promise<void> {
  const aside = await mkdtemp(`${store.folder}-aside-`);
  try {
    const from = new ProfileStore({ folder: join(aside, 'store') });
    for (const profile of profiles) await from.add(profile);
    await from.export(join(aside, 'both.json'));
    await store.import(join(aside, 'both.json'), { onConflict: 'replace' });
  } finally {
    await rm(aside, { recursive: true });
  }
}
