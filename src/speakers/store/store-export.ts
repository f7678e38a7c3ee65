import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import type { Profile } from '../profile.js';
import { profileFromJson, profileToJson } from '../profile-file.js';
import { nameKey, speakerName } from '../speaker-name.js';
import { messageOf } from './store-errors.js';
import { jsonText } from './store-folder.js';

const EXPORT_FORMAT = 'whospeaks-speakers';

const exportSchema = z.object({
  format: z.literal(EXPORT_FORMAT, { error: 'not a file that "speakers export" wrote' }),
  speakers: z.array(z.unknown()),
});

/** The text of an exported file. */
export function exportOf(profiles: readonly Profile[]): string {
  return jsonText({ format: EXPORT_FORMAT, speakers: profiles.map(profileToJson) });
}

/** The speakers of an exported file, each name once. */
export async function readExport(file: string): Promise<Profile[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WhospeaksError(
      missing ? 'file-not-found' : 'file-unreadable',
      missing ? `no such file: ${file}` : `cannot read ${file}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  let profiles: Profile[];
  try {
    profiles = exportSchema.parse(JSON.parse(text)).speakers.map(profileFromJson);
  } catch (error) {
    const reason = error instanceof z.ZodError ? error.issues[0]!.message : messageOf(error);
    throw new WhospeaksError('store-corrupt', `${file} cannot be imported: ${reason}; nothing was imported`, {
      cause: error,
    });
  }
  const seen = new Set<string>();
  for (const { name } of profiles) {
    speakerName(name); // An earlier version took names that are refused now.
    if (seen.has(nameKey(name))) {
      throw new WhospeaksError(
        'store-corrupt',
        `${file} cannot be imported: it has "${name}" twice; nothing was imported`,
      );
    }
    seen.add(nameKey(name));
  }
  return profiles;
}
