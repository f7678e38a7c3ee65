import { join } from 'node:path';
import { ProfileStore, type EnrollModel, type StoreWarning } from '../../speakers/index.js';
import { SpeakerGroup } from './speaker-group.js';

/** Folder of the group that needs no token: the one that the command line uses too. */
export const DEFAULT_GROUP = 'default';

export interface GroupSettings {
  /** Holds `speakers/` of the default group and `groups/NAME/` of the others. */
  readonly dataFolder: string;
  /** The most that one group may have. */
  readonly maxSpeakers: number;
  /** Called with a group's name when its speakers changed. */
  readonly onChange: (group: string) => void;
  /** What the operator should see to in a group's folder. */
  readonly onWarning: (group: string, warning: GroupWarning) => void;
}

export interface GroupWarning {
  readonly code: StoreWarning['code'] | 'store-corrupt';
  readonly message: string;
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

  /** Rejects as `ProfileStore.list` does. */
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

  async #load(name: string): Promise<SpeakerGroup> {
    const { dataFolder, maxSpeakers, onChange, onWarning } = this.#settings;
    const folder = name === DEFAULT_GROUP ? join(dataFolder, 'speakers') : join(dataFolder, 'groups', name);
    const group = new SpeakerGroup(name, new ProfileStore({ folder, maxSpeakers }), this.#model, () => {
      onChange(name);
    });
    const { warnings, damaged } = await group.load();
    for (const warning of warnings) onWarning(name, warning);
    // By its file: logs tell nobody's name.
    for (const { file } of damaged) {
      const message = `the profile ${file} is damaged; \`whospeaks speakers list\` says whose it is and why`;
      onWarning(name, { code: 'store-corrupt', message });
    }
    return group;
  }

  /** Every group of a token is there. */
  get(name: string): SpeakerGroup {
    return this.#groups.get(name)!;
  }
}
