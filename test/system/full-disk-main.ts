/**
 * Run as a process of its own in a folder that is a small disk: `FOLDER BYTES`. Every way to write a voice is tried with every
 * amount of free room, in the disk's own steps, from none to where it succeeds. Prints a line of JSON: how often each failed. Ends
 * with an error where a change that failed changed anything, or one that succeeded is not whole.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWhospeaksError } from '../../src/errors.js';
import { ProfileStore, type Profile } from '../../src/speakers/index.js';
import { writeWholeFile } from '../../src/whole-file.js';
import { randomNumbers } from '../random.js';
import { profileFor, randomVoice } from '../tracker/synthetic.js';

const [disk, bytes] = process.argv.slice(2);
const folder = join(disk!, 'speakers');
const exported = join(disk!, 'out.json');
const incoming = join(disk!, 'in.json');
const tokens = join(disk!, 'tokens.json');
const filler = join(disk!, 'filler');
const random = randomNumbers(9);
const { bsize } = statfsSync(disk!);

/** A voice that takes several blocks. */
function made(name: string): Profile {
  const { centroid, ...profile } = profileFor(name, randomVoice(random));
  return { ...profile, centroid, exemplars: Array.from({ length: 40 }, () => randomVoice(random)) };
}

function contents(): string {
  const files = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'base64')]);
  return JSON.stringify([files.sort(), readFileSync(exported, 'base64'), readFileSync(tokens, 'base64')]);
}

function leaveFree(free: number): void {
  const { bavail } = statfsSync(disk!);
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - free)));
}

const changes: [string, (store: ProfileStore) => Promise<unknown>][] = [
  ['add', (store) => store.add(made('carol'))],
  ['put', (store) => store.put(made('alice'), { replaces: 'alice' })],
  ['rename', (store) => store.rename('alice', 'alexandra')],
  ['adapt', (store) => store.adapt('bob', { vector: randomVoice(random), seconds: 6, probability: 1 })],
  ['import', (store) => store.import(incoming, { onConflict: 'replace' })],
  ['export', (store) => store.export(exported)],
  ['tokens', () => writeWholeFile(tokens, randomBytes(20_000), 0o600)],
];

const failures: Record<string, number> = {};
for (const [name, change] of changes) {
  rmSync(folder, { recursive: true, force: true });
  const store = new ProfileStore({ folder });
  for (const speaker of ['alice', 'bob']) await store.add(made(speaker));
  await store.adapt('bob', { vector: randomVoice(random), seconds: 6, probability: 1 });
  const elsewhere = join(disk!, 'other');
  rmSync(elsewhere, { recursive: true, force: true });
  const other = new ProfileStore({ folder: elsewhere });
  for (const speaker of ['alice', 'dora']) await other.put(made(speaker));
  await other.export(incoming);
  await store.export(exported);
  writeFileSync(tokens, 'tokens');
  failures[name] = 0;
  for (let free = 0; ; free += bsize) {
    if (free > Number(bytes)) throw new Error(`${name} never succeeds`);
    const before = contents();
    leaveFree(free);
    const error = await change(store).then(
      () => undefined,
      (fault: unknown) => fault as Error,
    );
    rmSync(filler);
    const { profiles, damaged } = await new ProfileStore({ folder }).list();
    if (damaged.length > 0) throw new Error(`${name}, ${free} free: ${JSON.stringify(damaged)}`);
    if (error === undefined) {
      JSON.parse(readFileSync(exported, 'utf8'));
      if (profiles.length < 2) throw new Error(`${name}, ${free} free: a speaker is lost`);
      break;
    }
    const isTold = isWhospeaksError(error, 'store-unwritable') || name === 'tokens';
    if (!isTold) throw error;
    failures[name]++;
    if (contents() !== before) throw new Error(`${name}, ${free} free: it failed, and something changed`);
  }
}

const store = new ProfileStore({ folder });
await store.put(made('alice'), { replaces: 'alice' });
leaveFree(0);
await store.delete('alice');
if ((await store.list()).profiles.some(({ name }) => name === 'alice')) throw new Error('not removed');
process.stdout.write(`${JSON.stringify(failures)}\n`);
