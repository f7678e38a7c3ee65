import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import type { Profile } from '../profile.js';
import { profileFromJson, profileToJson } from '../profile-file.js';
import { nameKey, speakerName } from '../speaker-name.js';
import { isSameProfile } from './speaker-changes.js';
import { assertFree, type StoreContents, type StoredProfile } from './store-contents.js';
import { messageOf } from './store-errors.js';

const EXPORT_FORMAT = 'whospeaks-speakers';

const exportSchema = z.object({
  format: z.literal(EXPORT_FORMAT, { error: 'not a file that "speakers export" wrote' }),
  speakers: z.array(z.unknown()),
});

/** Of an import: what is done where a name is there already with other contents. */
export const importSchema = z.strictObject({
  onConflict: z.enum(['error', 'skip', 'replace']).default('error'),
});

/** JSON for people to read too. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The text of an exported file. */
export function exportOf(profiles: readonly Profile[]): string {
  return jsonText({ format: EXPORT_FORMAT, speakers: profiles.map(profileToJson) });
}

/**
 * The speakers of an exported file, each name once.
 * @param where what errors call the file
 * @throws {WhospeaksError} `store-corrupt`, `speaker-name`
 */
export function parseExport(text: string, where: string): Profile[] {
  let profiles: Profile[];
  try {
    profiles = exportSchema.parse(JSON.parse(text)).speakers.map(profileFromJson);
  } catch (error) {
    const reason = error instanceof z.ZodError ? error.issues[0]!.message : messageOf(error);
    throw new WhospeaksError(
      'store-corrupt',
      `${where} cannot be imported: ${reason}; nothing was imported`,
      {
        cause: error,
      },
    );
  }
  const seen = new Set<string>();
  for (const { name } of profiles) {
    speakerName(name); // An earlier version took names that are refused now.
    if (seen.has(nameKey(name))) {
      throw new WhospeaksError(
        'store-corrupt',
        `${where} cannot be imported: it has "${name}" twice; nothing was imported`,
      );
    }
    seen.add(nameKey(name));
  }
  return profiles;
}

export interface ImportStep {
  readonly profile: Profile;
  /** Where it goes: the file of the speaker that it replaces, damaged or not; undefined for a new one. */
  readonly file: string | undefined;
  readonly there: StoredProfile | undefined;
}

/** What an import changes. @throws {WhospeaksError} `speaker-exists`, where that is how conflicts end */
export function importSteps(
  contents: StoreContents,
  profiles: readonly Profile[],
  onConflict: 'error' | 'skip' | 'replace',
): ImportStep[] {
  const stored = new Map(contents.stored.map((each) => [nameKey(each.profile.name), each]));
  const damaged = new Map(contents.damaged.map((each) => [nameKey(each.name), each]));
  return profiles.flatMap((profile) => {
    const key = nameKey(profile.name);
    const there = stored.get(key);
    const file = (there ?? damaged.get(key))?.file;
    const isSame = there !== undefined && isSameProfile(there.profile, profile);
    if (isSame || (file !== undefined && onConflict === 'skip')) return [];
    if (file !== undefined && onConflict === 'error') assertFree(contents, profile.name);
    return [{ profile, file, there }];
  });
}
