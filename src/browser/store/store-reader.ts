import type { Profile } from '../../speakers/profile.js';
import { profileFromJson } from '../../speakers/profile-file.js';
import { byName, type DamagedProfile, type StoredProfile } from '../../speakers/store/store-contents.js';
import { messageOf } from '../../speakers/store/store-errors.js';
import type { Database } from './database.js';
import { audioSchema, SPEAKER_LABEL, type Contents, type SpeakerRow, type TrashRow } from './rows.js';
import type { Vault } from './vault.js';

type Opened = { readonly profile: Profile; readonly audio: readonly string[] } | { readonly fault: string };

/** Reads all of a store at one moment. What did not change since is not decrypted again. */
export class StoreReader {
  readonly #database: Database;
  readonly #vault: Vault;
  #known = new Map<string, Opened>();

  constructor(database: Database, vault: Vault) {
    this.#database = database;
    this.#vault = vault;
  }

  /** @param isFresh whether to decrypt everything again, for what is written back must not be what a caller made of a shared profile */
  async read(isFresh = false): Promise<Contents> {
    const { revision, speakers, trash, recordings } = await this.#database.read<{
      revision: number | undefined;
      speakers: SpeakerRow[];
      trash: TrashRow[];
      recordings: string[];
    }>(['meta', 'speakers', 'trash', 'recordings'], (table) => ({
      revision: table('meta').get('revision') as IDBRequest<number | undefined>,
      speakers: table('speakers').getAll() as IDBRequest<SpeakerRow[]>,
      trash: table('trash').getAll() as IDBRequest<TrashRow[]>,
      recordings: table('recordings').getAllKeys() as IDBRequest<string[]>,
    }));
    const known = isFresh ? new Map<string, Opened>() : this.#known;
    const now = new Map<string, Opened>();
    const open = async (row: SpeakerRow): Promise<Opened> => {
      // A nonce is used once.
      const sign = `${row.id}/${row.iv.join()}`;
      const opened = known.get(sign) ?? (await this.#open(row));
      now.set(sign, opened);
      return opened;
    };
    const stored: StoredProfile[] = [];
    const damaged: DamagedProfile[] = [];
    for (const row of speakers) {
      const opened = await open(row);
      if ('fault' in opened) damaged.push({ name: row.id, file: row.id, reason: opened.fault });
      else stored.push({ file: row.id, ...opened });
    }
    const trashed: Contents['trashed'][number][] = [];
    for (const row of trash) {
      const opened = await open(row);
      trashed.push({ row, ...('fault' in opened ? { profile: undefined, audio: [] } : opened) });
    }
    if (!isFresh) this.#known = now;
    return {
      revision: revision ?? 0,
      stored: byName(stored),
      damaged,
      rows: new Map(speakers.map((row) => [row.id, row])),
      trashed: trashed.sort((a, b) => b.row.removedMs - a.row.removedMs),
      recordings,
    };
  }

  async #open(row: SpeakerRow): Promise<Opened> {
    try {
      const bytes = await this.#vault.open(row, SPEAKER_LABEL + row.id);
      const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return { profile: { ...profileFromJson(json), id: row.id }, audio: audioSchema.parse(json).audio };
    } catch (error) {
      return { fault: messageOf(error) };
    }
  }
}
