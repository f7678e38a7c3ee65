import { WhospeaksError, type AuditEntry, type Profile, type SpeakerStore } from '../../src/index.js';
import { nameKey, speakerName } from '../../src/speakers/speaker-name.js';
import { isSameProfile } from '../../src/speakers/store/speaker-changes.js';

/** A store as one's own may be, of the six methods alone. */
export class MemoryStore implements SpeakerStore {
  readonly #profiles = new Map<string, Profile>();
  readonly #watchers = new Set<() => void>();
  #trail: Omit<AuditEntry, 'name'>[] = [];
  #ids = 0;

  list: SpeakerStore['list'] = () => {
    const profiles = [...this.#profiles].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, profile]) => profile);
    return Promise.resolve({ profiles, damaged: [], warnings: [] });
  };

  get: SpeakerStore['get'] = (name) => {
    const found = this.#profiles.get(nameKey(name));
    if (found !== undefined) return Promise.resolve(found);
    return Promise.reject(new WhospeaksError('speaker-not-found', `no speaker "${name}"`));
  };

  // eslint-disable-next-line @typescript-eslint/require-await -- what is thrown is a rejection
  put: SpeakerStore['put'] = async (profile, { replaces, by } = {}) => {
    const name = speakerName(profile.name);
    const place = typeof replaces === 'object' ? replaces.name : replaces;
    const there = place === undefined ? undefined : this.#profiles.get(nameKey(place));
    if (typeof replaces === 'object') {
      if (there === undefined) throw new WhospeaksError('speaker-not-found', `no speaker "${replaces.name}"`);
      if (!isSameProfile(there, replaces)) throw new WhospeaksError('speaker-changed', 'it was changed');
    }
    if (this.#profiles.has(nameKey(name)) && nameKey(name) !== nameKey(place ?? ''))
      throw new WhospeaksError('speaker-exists', `"${name}" exists`);
    if (there !== undefined) this.#profiles.delete(nameKey(there.name));
    const stored = {
      ...profile,
      name,
      id: there?.id ?? `id-${++this.#ids}`,
      createdAt: profile.createdAt ?? new Date().toISOString(),
    };
    this.#profiles.set(nameKey(name), stored);
    const action = there === undefined ? 'add' : there.name === name ? 'replace' : 'rename';
    this.#changed({ action, id: stored.id, by });
    return { profile: stored, replaced: there !== undefined };
  };

  delete: SpeakerStore['delete'] = async (name, { by } = {}) => {
    const { id } = await this.get(name);
    this.#profiles.delete(nameKey(name));
    this.#trail = this.#trail.filter((entry) => entry.id !== id);
    this.#changed({ action: 'erase', by });
  };

  watch: SpeakerStore['watch'] = (onChange) => {
    this.#watchers.add(onChange);
    return () => void this.#watchers.delete(onChange);
  };

  audit: SpeakerStore['audit'] = async (name) => {
    if (name !== undefined) await this.get(name);
    const nameOf = new Map([...this.#profiles.values()].map((each) => [each.id, each.name]));
    const entries = this.#trail.map((entry) => ({ ...entry, name: nameOf.get(entry.id) }));
    return entries.filter((entry) => name === undefined || entry.name === name);
  };

  #changed(entry: Pick<AuditEntry, 'action' | 'id' | 'by'>): void {
    this.#trail.push({ ...entry, at: new Date().toISOString() });
    for (const watcher of this.#watchers) watcher();
  }
}
