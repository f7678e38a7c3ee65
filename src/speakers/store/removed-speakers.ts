import { WhospeaksError } from '../../errors.js';
import type { Profile } from '../profile.js';
import { nameKey } from '../speaker-name.js';
import type { RemovedSpeaker } from './speaker-store.js';

/** What a store keeps of a speaker that was removed; undefined where its profile cannot be read. */
interface Removed {
  readonly profile: Profile | undefined;
}
type Readable<Found extends Removed> = Found & { readonly profile: Profile };

/**
 * The one of them that has this name.
 * @throws {WhospeaksError} `speaker-not-found`
 */
export function findRemoved<Found extends Removed>(removed: readonly Found[], name: string): Readable<Found> {
  const readable = removed.filter((one): one is Readable<Found> => one.profile !== undefined);
  const found = readable.find(({ profile }) => nameKey(profile.name) === nameKey(name));
  if (found !== undefined) return found;
  const names = [...new Set(readable.map(({ profile }) => profile.name))].join(', ');
  throw new WhospeaksError(
    'speaker-not-found',
    `no speaker "${name}" can be restored; ${names === '' ? 'there is none' : `there are: ${names}`}`,
  );
}

/** As it is told; both times in ms since 1970. */
export function removedSpeaker(name: string, removedMs: number, untilMs: number): RemovedSpeaker {
  return { name, removedAt: new Date(removedMs).toISOString(), until: new Date(untilMs).toISOString() };
}
