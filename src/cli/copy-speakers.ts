import { WhospeaksError } from '../errors.js';
import type { KeptRecording, Profile, SpeakerStore } from '../speakers/index.js';
import { nameKey } from '../speakers/speaker-name.js';
import { isSameProfile } from '../speakers/store/speaker-changes.js';
import { EXIT } from './exit-codes.js';
import { BY_COMMAND_LINE as by, openStore } from './open-store.js';

export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly keyFile?: string;
  readonly dryRun?: true;
  readonly skip?: true;
  readonly replace?: true;
}

type Copied = 'added' | 'replaced' | 'kept' | 'unchanged';

/** `speakers copy`: every speaker of one store into another, which may be of another kind. */
export async function copySpeakers(options: CopyOptions): Promise<void> {
  const { keyFile } = options;
  const withKey = (store: string): Promise<SpeakerStore> =>
    openStore({ store, ...(keyFile === undefined ? {} : { keyFile }) });
  const [from, to] = [await withKey(options.from), await withKey(options.to)];
  const { profiles, damaged } = await from.list();
  const there = new Map((await to.list()).profiles.map((each) => [nameKey(each.name), each]));
  const planned = profiles.map((profile) => ({
    profile,
    what: planOf(profile, there.get(nameKey(profile.name)), options),
  }));
  let recordings = 0;
  for (const { profile, what } of planned) {
    const kept = (await from.recordings?.(profile.name)) ?? [];
    if (to.recordings === undefined) recordings += kept.length;
    if (options.dryRun !== true) await copyOne(to, profile, what, kept);
    process.stdout.write(`${what} ${profile.name}\n`);
  }
  const changed = planned.filter(({ what }) => what === 'added' || what === 'replaced').length;
  const would = options.dryRun === true ? 'would copy' : 'copied';
  process.stdout.write(`${would} ${changed} of ${profiles.length} speakers\n`);
  if (recordings > 0)
    process.stderr.write(`warning: ${recordings} kept recordings are not copied: ${options.to} keeps none\n`);
  if (damaged.length === 0) return;
  const names = damaged.map(({ name }) => name).join(', ');
  process.stderr.write(`warning: damaged profiles are not copied: ${names} [store-corrupt]\n`);
  process.exitCode = EXIT.speakers;
}

/** @throws {WhospeaksError} `speaker-exists`, before anything is copied */
function planOf(profile: Profile, there: Profile | undefined, { skip, replace }: CopyOptions): Copied {
  if (there === undefined) return 'added';
  if (isSameProfile(profile, there)) return 'unchanged';
  if (replace) return 'replaced';
  if (skip) return 'kept';
  throw new WhospeaksError(
    'speaker-exists',
    `speaker "${profile.name}" is there already, and is another; nothing was copied; give --skip to keep it, or --replace`,
  );
}

async function copyOne(
  to: SpeakerStore,
  { id: _, ...profile }: Profile,
  what: Copied,
  recordings: readonly KeptRecording[],
): Promise<void> {
  if (what === 'kept' || what === 'unchanged') return;
  const more = to.recordings === undefined || recordings.length === 0 ? {} : { recordings };
  await to.put(profile, { by, ...more, ...(what === 'replaced' ? { replaces: profile.name } : {}) });
}
