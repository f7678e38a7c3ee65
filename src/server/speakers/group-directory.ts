import { join } from 'node:path';
import { ProfileStore, type EnrollModel, type ProfileList, type SpeakerStore } from '../../speakers/index.js';
import { voiceId } from '../audit.js';
import type { ServerConfig } from '../config.js';
import { SpeakerGroup } from './speaker-group.js';

/** Folder of the group that needs no token: the one that the command line uses too. */
export const DEFAULT_GROUP = 'default';

export interface GroupSettings extends Pick<
  ServerConfig,
  'maxSpeakers' | 'trashDays' | 'keepAudioDays' | 'storeKeyFile' | 'auditNames'
> {
  /** Holds `speakers/` of the default group and `groups/NAME/` of the others. */
  readonly dataFolder: string;
  /** In place of folders of files. */
  readonly store?: ((group: string) => SpeakerStore) | undefined;
  /** Called with a group's name when its speakers changed. */
  readonly onChange: (group: string) => void;
  /** What the operator should see to in a group's folder. */
  readonly onWarning: (group: string, warning: GroupWarning) => void;
}

export interface GroupWarning {
  readonly code: string;
  readonly message: string;
  /** What is logged with it. */
  readonly [field: string]: unknown;
}

/** The groups that the tokens name, each with a store of its own. */
export class GroupDirectory {
  readonly #groups = new Map<string, SpeakerGroup>();
  readonly #model: EnrollModel;
  readonly #settings: GroupSettings;

  private constructor(model: EnrollModel, settings: GroupSettings) {
    this.#model = model;
    this.#settings = settings;
  }

  /** Rejects as `SpeakerStore.list` does. */
  static async load(
    names: readonly string[],
    model: EnrollModel,
    settings: GroupSettings,
  ): Promise<GroupDirectory> {
    const directory = new GroupDirectory(model, settings);
    await directory.open(names);
    return directory;
  }

  /** See to it that these are there, as where a new token names one. Rejects as `load`. */
  async open(names: readonly string[]): Promise<void> {
    for (const name of names) if (!this.#groups.has(name)) this.#groups.set(name, await this.#load(name));
  }

  has(name: string): boolean {
    return this.#groups.has(name);
  }

  /** Every group of a token is there. */
  get(name: string): SpeakerGroup {
    return this.#groups.get(name)!;
  }

  all(): SpeakerGroup[] {
    return [...this.#groups.values()];
  }

  /** Watch the stores no more. */
  close(): void {
    for (const group of this.#groups.values()) group.close();
  }

  async #load(name: string): Promise<SpeakerGroup> {
    const { store, maxSpeakers, keepAudioDays, onChange, onWarning } = this.#settings;
    // Each is told once, and again where it comes back.
    let told = new Set<string>();
    const group: SpeakerGroup = new SpeakerGroup({
      name,
      store: (store ?? ((of: string) => this.#folderOf(of)))(name),
      model: this.#model,
      maxSpeakers,
      keepAudioDays,
      onChange: () => {
        onChange(name);
      },
      onRead: (list) => {
        const warnings = this.#warningsOf(name, list);
        for (const warning of warnings) if (!told.has(warning.message)) onWarning(name, warning);
        told = new Set(warnings.map(({ message }) => message));
      },
    });
    await group.load();
    group.watch();
    return group;
  }

  #folderOf(name: string): ProfileStore {
    const { dataFolder, maxSpeakers, trashDays, storeKeyFile } = this.#settings;
    const folder = name === DEFAULT_GROUP ? join(dataFolder, 'speakers') : join(dataFolder, 'groups', name);
    return new ProfileStore({ folder, maxSpeakers, trashDays, keyFile: storeKeyFile });
  }

  /** What the operator should see to; logs tell nobody's name unless asked to. */
  #warningsOf(group: string, { profiles, damaged, warnings }: ProfileList): GroupWarning[] {
    const told: GroupWarning[] = warnings.map((warning) => ({ ...warning }));
    for (const { file } of damaged) {
      const message = `the profile ${file} is damaged; \`whospeaks speakers list\` says whose it is and why`;
      told.push({ code: 'store-corrupt', message });
    }
    const unusable = profiles.filter(({ model }) => model.fingerprint !== this.#model.fingerprint);
    if (unusable.length === 0) return told;
    const models = [...new Set(unusable.map(({ model }) => `"${model.name}"`))].join(', ');
    told.push({
      code: 'model-mismatch',
      message:
        `${unusable.length} of ${profiles.length} speakers cannot be named by the model "${this.#model.name}", for ` +
        `${models} enrolled them; \`whospeaks speakers upgrade\` says what to do`,
      voices: unusable.map(({ name }) => voiceId(group, name)),
      ...(this.#settings.auditNames ? { speakers: unusable.map(({ name }) => name) } : {}),
    });
    return told;
  }
}
