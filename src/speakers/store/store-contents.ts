import { WhospeaksError } from '../../errors.js';
import type { Profile } from '../profile.js';
import { nameKey } from '../speaker-name.js';

/** A profile file that could not be read. */
export interface DamagedProfile {
  /** The speaker's name, where the index still tells it; else the file's name. */
  readonly name: string;
  readonly file: string;
  readonly reason: string;
}

export interface StoredProfile {
  readonly file: string;
  readonly profile: Profile;
  /** Files of the recordings that are kept. */
  readonly audio?: readonly string[];
}

/** What is in a store's folder. */
export interface StoreContents {
  /** By name. */
  readonly stored: readonly StoredProfile[];
  readonly damaged: readonly DamagedProfile[];
}

/** As it is when some files are written, or, without a profile, removed. */
export function changed(
  { stored, damaged }: StoreContents,
  files: readonly string[],
  writes: readonly StoredProfile[],
): StoreContents {
  const isKept = ({ file }: { readonly file: string }): boolean => !files.includes(file);
  return { stored: byName([...stored.filter(isKept), ...writes]), damaged: damaged.filter(isKept) };
}

export function byName(stored: readonly StoredProfile[]): StoredProfile[] {
  return stored
    .map((each) => ({ key: nameKey(each.profile.name), each }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ each }) => each);
}

/** @throws {WhospeaksError} `speaker-not-found`, or `store-corrupt` where the speaker's file is damaged. */
export function find(contents: StoreContents, name: string): StoredProfile {
  const key = nameKey(name);
  const stored = contents.stored.find(({ profile }) => nameKey(profile.name) === key);
  if (stored !== undefined) return stored;
  const broken = contents.damaged.find((damaged) => nameKey(damaged.name) === key);
  if (broken !== undefined) throw corrupt(name, broken.file, broken.reason);
  throw notFound(contents, name);
}

export function notFound({ stored }: StoreContents, name: string): WhospeaksError {
  const names = stored.map(({ profile }) => profile.name).join(', ');
  return new WhospeaksError(
    'speaker-not-found',
    `no speaker "${name}" is stored; ${names === '' ? 'the store is empty' : `there are: ${names}`}`,
  );
}

export function corrupt(name: string, file: string, reason: string): WhospeaksError {
  return new WhospeaksError(
    'store-corrupt',
    `the profile of "${name}" cannot be read (${file}: ${reason}); if that cannot be mended, remove the speaker and enrol again`,
  );
}

/** Where a speaker of this name is stored, damaged or not. */
export function fileOf({ stored, damaged }: StoreContents, name: string): string | undefined {
  const key = nameKey(name);
  return (
    stored.find((other) => nameKey(other.profile.name) === key)?.file ??
    damaged.find((other) => nameKey(other.name) === key)?.file
  );
}

/** @throws {WhospeaksError} `speaker-exists` */
export function assertFree(contents: StoreContents, name: string): void {
  if (fileOf(contents, name) === undefined) return;
  throw new WhospeaksError(
    'speaker-exists',
    `speaker "${name}" already exists; use another name, replace the speaker (--replace), or add to it (--append)`,
  );
}

/** @throws {WhospeaksError} `store-full` where `added` more are more than `most`. */
export function assertRoom(count: number, added: number, most: number): void {
  if (added === 0 || count + added <= most) return;
  throw new WhospeaksError(
    'store-full',
    `there are ${count} speakers, and ${most} is the most; remove some, or raise maxSpeakers`,
  );
}
