import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { stageFile, syncFolder, type StagedFile } from '../../whole-file.js';
import { forgetInTrail, readTrail, stageLines, type TrailLine } from './audit-trail.js';
import { jsonText } from './exported.js';
import type { KeySource } from './key-source.js';
import { readPrivateFile } from './private-file.js';
import { ProfileCache } from './profile-cache.js';
import { profileToJson } from '../profile-file.js';
import type { Profile } from '../profile.js';
import { nameKey } from '../speaker-name.js';
import { Keys } from './sealed.js';
import type { KeptRecording } from './speaker-store.js';
import {
  byName,
  changed,
  type DamagedProfile,
  type StoreContents,
  type StoredProfile,
} from './store-contents.js';
import { messageOf } from './store-errors.js';
import { exposures, unencrypted, type StoreWarning } from './store-exposure.js';
import { StoreRecordings } from './store-recordings.js';
import { namesIn, storedFileOf, StoreTrash, type Trashed } from './store-trash.js';

const INDEX = 'index.json';
const AUDIT = 'audit.jsonl';
const PROFILE_FILE = /^[0-9a-f]{16}\.json$/;
/** What a writer leaves behind where it was killed before it put a file, or its lock, in its place. */
const LEFTOVER = /^(([0-9a-f]{16}|index)\.json\.\d+|\.lock\.[0-9a-f]+)$/;
const MAX_SEALED_BYTES = 256 * 1024 * 1024;
const MAX_INDEX_BYTES = 256 * 1024 * 1024;
/** Voiceprints are personal: for their owner's eyes only. */
export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

const indexSchema = z.object({ speakers: z.array(z.object({ name: z.string(), file: z.string() })) });

/** A profile to be written; with `recordings`, those in place of the ones that are kept. */
export interface StoreWrite extends StoredProfile {
  readonly recordings?: readonly KeptRecording[] | undefined;
}

/**
 * The store's files. One JSON file a profile is the truth; `index.json` is a summary for people, written
 * anew with each change, from which nothing is read but the names of damaged profiles. So there is no
 * moment at which a crash leaves two files that contradict each other.
 */
export class StoreFolder {
  readonly path: string;
  readonly trash: StoreTrash;
  readonly recordings: StoreRecordings;
  readonly keys: KeySource;
  readonly #profiles: ProfileCache;

  constructor(path: string, keys: KeySource = () => Promise.resolve(Keys.none)) {
    this.path = path;
    this.keys = keys;
    this.trash = new StoreTrash(path);
    this.recordings = new StoreRecordings(path);
    this.#profiles = new ProfileCache(path);
  }

  async create(): Promise<void> {
    const first = await mkdir(this.path, { recursive: true });
    if (first !== undefined) await chmod(this.path, FOLDER_MODE);
  }

  /**
   * Everything in the folder, by name; a folder that is not there is empty. A profile whose file did not change is the
   * object that it was.
   * @param only the profiles' files to read; default all
   */
  async read(
    only?: readonly string[],
  ): Promise<StoreContents & { readonly warnings: readonly StoreWarning[] }> {
    const keys = await this.keys();
    const files = only ?? (await namesIn(this.path)).filter((file) => PROFILE_FILE.test(file)).sort();
    const found = await this.#profiles.read(files, keys);
    const byKey = new Map<string, StoredProfile>();
    const faults: { readonly file: string; readonly reason: string }[] = [];
    for (const { file, read } of found) {
      if ('fault' in read) {
        if (read.isSealed && keys.currentId === null) throw noKey(this.path);
        faults.push({ file, reason: read.fault });
        continue;
      }
      const { profile, audio } = read;
      const twin = byKey.get(nameKey(profile.name));
      if (twin === undefined) byKey.set(nameKey(profile.name), { file, profile, audio });
      else faults.push({ file, reason: `"${profile.name}" is in ${twin.file} too` });
    }
    const open =
      keys.currentId === null ? 0 : found.filter(({ read }) => 'keyId' in read && read.keyId === null).length;
    return {
      stored: byName([...byKey.values()]),
      damaged: await this.#named(faults, keys),
      warnings: [
        ...(await this.#exposures(found.filter(({ read }) => 'profile' in read))),
        ...unencrypted(this.path, open),
      ],
    };
  }

  newFile(): string {
    return `${randomBytes(8).toString('hex')}.json`;
  }

  /**
   * Write some, and the summary: all beside their places at first, for a full disk shows there, and then into them. So all are
   * written or none, unless the renaming fails; then the error tells which are. `assertHeld` is called before each is put in
   * place. The entries go into the audit trail.
   */
  async write(
    before: StoreContents,
    writes: readonly StoreWrite[],
    assertHeld: () => void,
    entries: readonly TrailLine[] = [],
  ): Promise<void> {
    const keys = await this.keys();
    const files = writes.map(({ file }) => file);
    const staged: StagedFile[] = [];
    const stored: string[] = [];
    const superseded: string[] = [];
    let placed = 0;
    try {
      for (const { file, profile, audio = [], recordings } of writes) {
        const kept = recordings === undefined ? audio : await this.recordings.add(recordings, keys);
        if (recordings !== undefined) superseded.push(...audio);
        const json = { ...profileToJson(profile), ...(kept.length === 0 ? {} : { audio: kept }) };
        staged.push(await this.#stage(file, json, keys));
      }
      if (entries.length > 0) staged.push(await stageLines(join(this.path, AUDIT), entries, FILE_MODE));
      staged.push(await this.#stage(INDEX, summary(changed(before, files, writes)), keys));
      for (const each of staged) {
        assertHeld();
        await each.place();
        const written = writes[placed++]?.profile.name;
        if (written !== undefined) stored.push(written);
      }
      await syncFolder(this.path);
      await this.recordings.drop(superseded);
    } catch (error) {
      for (const each of staged.slice(placed)) await each.discard();
      if (stored.length === 0) throw error;
      const message = `${messageOf(error)}; of all only ${stored.join(', ')} could be stored`;
      throw isWhospeaksError(error)
        ? new WhospeaksError(error.code, message, { cause: error })
        : new Error(message, { cause: error });
    }
  }

  /** Put a profile into the trash. Its name is gone from the summary first; a full disk is no hindrance. */
  async discard(
    before: StoreContents,
    file: string,
    times: { readonly removedMs: number; readonly untilMs: number },
    entry: TrailLine,
  ): Promise<void> {
    await this.#summarise(changed(before, [file], []));
    await this.trash.take(file, times.removedMs, times.untilMs);
    await this.#note(entry);
    await syncFolder(this.path);
  }

  async restore(before: StoreContents, trashed: Trashed, profile: Profile, entry: TrailLine): Promise<void> {
    const { file, audio } = trashed;
    await this.trash.giveBack(trashed);
    await this.#summarise(changed(before, [file], [{ file, profile, audio }]));
    await this.#note(entry);
    await syncFolder(this.path);
  }

  /** Leave nothing of a speaker: its profile, what lies of it in the trash, its recordings, its lines of the audit trail. */
  async erase(
    before: StoreContents,
    file: string | undefined,
    trashed: readonly Trashed[],
    entry: TrailLine | undefined,
  ): Promise<void> {
    const files = new Set([...(file === undefined ? [] : [file]), ...trashed.map((each) => each.file)]);
    const audio = [...before.stored, ...trashed].flatMap((each) =>
      files.has(each.file) ? (each.audio ?? []) : [],
    );
    await this.#summarise(changed(before, [...files], []));
    if (file !== undefined) await rm(join(this.path, file), { force: true });
    for (const { entry: name } of trashed) await this.trash.drop(name);
    await this.recordings.drop(audio);
    // To erase goes before the trail of others, where a full disk has no room to change it.
    const trail = join(this.path, AUDIT);
    await forgetInTrail(trail, files).catch(() => rm(trail, { force: true }));
    if (entry !== undefined) await this.#note(entry);
    await syncFolder(this.path);
  }

  /** Remove what killed writers left, and what is kept no longer. Only under the lock. */
  async tidy(nowMs: number): Promise<void> {
    for (const file of await namesIn(this.path))
      if (LEFTOVER.test(file)) await rm(join(this.path, file), { recursive: true, force: true });
    const trashed = await this.trash.read(await this.keys());
    const over = trashed.filter(({ untilMs }) => untilMs <= nowMs);
    if (over.length > 0) await this.erase(await this.read(), undefined, over, undefined);
    if ((await this.recordings.files()).length === 0) return;
    const { stored, damaged } = await this.read();
    const left = trashed.filter((each) => !over.includes(each));
    // Whose recordings a damaged profile names is not known.
    const isWhole = damaged.length === 0 && left.every(({ profile }) => profile !== undefined);
    const named = new Set([...stored, ...left].flatMap(({ audio = [] }) => audio));
    await this.recordings.tidy(isWhole ? named : null, nowMs);
  }

  /** Whether something is kept no longer. */
  async isDue(nowMs: number): Promise<boolean> {
    return (await this.trash.isDue(nowMs)) || (await this.recordings.isDue(nowMs));
  }

  trail(): Promise<TrailLine[]> {
    return readTrail(join(this.path, AUDIT));
  }

  /** Encrypt every file anew with the first key, whatever it is encrypted with. Returns how many were, and which could not be opened. */
  async reseal(assertHeld: () => void): Promise<{ resealed: number; failed: string[] }> {
    const keys = await this.keys();
    const places: { readonly path: string; readonly label: string }[] = [];
    for (const file of await namesIn(this.path))
      if (PROFILE_FILE.test(file)) places.push({ path: join(this.path, file), label: file });
    for (const entry of await this.trash.entries())
      places.push({ path: join(this.trash.path, entry), label: storedFileOf(entry) });
    for (const file of await this.recordings.files())
      places.push({ path: join(this.recordings.path, file), label: file });
    const failed: string[] = [];
    let resealed = 0;
    for (const { path, label } of places) {
      try {
        const { bytes, keyId } = keys.open((await readPrivateFile(path, MAX_SEALED_BYTES)).bytes, label);
        if (keyId === keys.currentId) continue;
        const staged = await stageFile(path, keys.seal(bytes, label), FILE_MODE);
        assertHeld();
        await staged.place();
        resealed++;
      } catch (error) {
        if (isWhospeaksError(error)) throw error;
        failed.push(`${label} (${messageOf(error)})`);
      }
    }
    await this.#summarise(await this.read());
    await syncFolder(this.path);
    return { resealed, failed };
  }

  /** Or none: no summary costs less than one that tells a name which is to be forgotten. The next change writes it. */
  async #summarise(contents: StoreContents): Promise<void> {
    try {
      await (await this.#stage(INDEX, summary(contents), await this.keys())).place();
    } catch {
      await rm(join(this.path, INDEX), { force: true });
    }
  }

  /** A removal that a full disk has no room to tell of is a removal. */
  async #note(entry: TrailLine): Promise<void> {
    await stageLines(join(this.path, AUDIT), [entry], FILE_MODE).catch(() => undefined);
  }

  #stage(file: string, value: unknown, keys: Keys): Promise<StagedFile> {
    return stageFile(join(this.path, file), keys.seal(Buffer.from(jsonText(value)), file), FILE_MODE);
  }

  /** A missing or damaged summary costs the names of damaged profiles, nothing else. */
  async #named(faults: readonly Omit<DamagedProfile, 'name'>[], keys: Keys): Promise<DamagedProfile[]> {
    if (faults.length === 0) return [];
    const names = new Map<string, string>();
    try {
      const { bytes } = await readPrivateFile(join(this.path, INDEX), MAX_INDEX_BYTES);
      const text = keys.open(bytes, INDEX).bytes.toString('utf8');
      for (const { file, name } of indexSchema.parse(JSON.parse(text)).speakers) names.set(file, name);
    } catch {
      // Then the files are told by their own names.
    }
    return faults.map((fault) => ({ name: names.get(fault.file) ?? fault.file, ...fault }));
  }

  async #exposures(
    found: readonly { readonly file: string; readonly read: { readonly mode: number } }[],
  ): Promise<StoreWarning[]> {
    const folder = await stat(this.path).catch(() => undefined);
    if (folder === undefined) return [];
    const modes = found.map(({ file, read }) => ({ file, mode: read.mode }));
    return exposures(this.path, folder.mode, modes);
  }
}

function noKey(folder: string): WhospeaksError {
  return new WhospeaksError(
    'store-key',
    `the speakers in ${folder} are encrypted; give the key: --key-file, WHOSPEAKS_STORE_KEY_FILE or WHOSPEAKS_STORE_KEY`,
  );
}

function summary({ stored, damaged }: StoreContents): object {
  const speakers = stored.map(({ file, profile }) => ({
    name: profile.name,
    file,
    model: profile.model,
    speechSeconds: Number(profile.speechSeconds.toFixed(2)),
    recordings: profile.recordings,
    consistency: Number(profile.consistency.toFixed(3)),
    createdAt: profile.createdAt,
  }));
  const broken = damaged.map(({ file, name }) => ({ name, file, damaged: true }));
  return { about: 'Speakers enrolled with whospeaks', speakers: [...speakers, ...broken] };
}
