import { WhospeaksError } from '../../errors.js';
import type { Adaptation, Profile } from '../profile.js';
import { nameKey, speakerName, storedName } from '../speaker-name.js';
import type { TrailLine } from './audit-trail.js';
import { isSameProfile, isSameVoice as hasSameVoice } from './speaker-changes.js';
import type { PutOptions } from './speaker-store.js';
import {
  assertFree,
  fileOf,
  find,
  type DamagedProfile,
  type StoreContents,
  type StoredProfile,
} from './store-contents.js';

export interface PutPlace {
  readonly name: string;
  /** What is stored there now. */
  readonly there: StoredProfile | DamagedProfile | undefined;
}

/**
 * Under which name a profile is stored, and in whose place: `PutOptions.replaces`.
 * @param fresh reads a profile as it is on the disk
 */
export async function placeOf(
  contents: StoreContents,
  profile: Profile,
  replaces: PutOptions['replaces'],
  fresh: (stored: StoredProfile) => Promise<StoredProfile>,
): Promise<PutPlace> {
  const place = typeof replaces === 'object' ? replaces.name : replaces;
  const staysNamed = place !== undefined && place === profile.name;
  // A name that an earlier version took stays where it is.
  const name = staysNamed ? storedName(profile.name) : speakerName(profile.name);
  const isMoved = place === undefined || nameKey(name) !== nameKey(place);
  if (typeof replaces === 'object') {
    const there = await fresh(find(contents, replaces.name));
    if (!isSameProfile(there.profile, replaces)) throw hasChanged(replaces.name);
    if (isMoved) assertFree(contents, name);
    return { name, there };
  }
  if (isMoved) assertFree(contents, name);
  const file = place === undefined ? undefined : fileOf(contents, place);
  const there = [...contents.stored, ...contents.damaged].find((each) => each.file === file);
  return { name, there };
}

export interface PutChange {
  /** What the audit trail calls it. */
  readonly entry: Pick<TrailLine, 'action'> & Readonly<Record<string, unknown>>;
  /** Whether the voiceprint stayed. */
  readonly isSameVoice: boolean;
}

/** What became of a speaker. */
export function putAction(before: Profile | undefined, after: Profile): PutChange {
  if (before === undefined) return { entry: { action: 'add' }, isSameVoice: false };
  const isSameVoice = hasSameVoice(before, after);
  if (!isSameVoice) return { entry: { action: 'replace' }, isSameVoice };
  if (before.name !== after.name) return { entry: { action: 'rename' }, isSameVoice };
  const [had, has] = [before.adaptations ?? [], after.adaptations ?? []];
  const counts = { before: had.length, after: has.length };
  if (had.length > has.length) return { entry: { action: 'undo', ...counts }, isSameVoice };
  const last = has.at(-1);
  if (last === undefined || isSameLesson(last, had.at(-1)))
    return { entry: { action: 'replace' }, isSameVoice };
  const { seconds, probability } = last;
  return { entry: { action: 'adapt', ...counts, seconds, probability }, isSameVoice };
}

function isSameLesson(a: Adaptation, b: Adaptation | undefined): boolean {
  return a.addedAt === b?.addedAt && a.seconds === b?.seconds && a.probability === b.probability;
}

function hasChanged(name: string): WhospeaksError {
  return new WhospeaksError(
    'speaker-changed',
    `the speaker "${name}" was changed meanwhile; read it again and repeat the change`,
  );
}
