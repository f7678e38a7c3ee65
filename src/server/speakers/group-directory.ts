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
  readonly #groups: ReadonlyMap<string, SpeakerGroup>;

  private constructor(groups: readonly SpeakerGroup[]) {
    this.#groups = new Map(groups.map((group) => [group.name, group]));
  }

  /** Rejects as `ProfileStore.list` does. */
  static async load(
    names: readonly string[],
    model: EnrollModel,
    { dataFolder, maxSpeakers, onChange, onWarning }: GroupSettings,
  ): Promise<GroupDirectory> {
    const groups = names.map((name) => {
      const folder = name === DEFAULT_GROUP ? join(dataFolder, 'speakers') : join(dataFolder, 'groups', name);
      return new SpeakerGroup(name, new ProfileStore({ folder, maxSpeakers }), model, () => {
        onChange(name);
      });
    });
    for (const group of groups) {
      const { warnings, damaged } = await group.load();
      for (const warning of warnings) onWarning(group.name, warning);
      // By its file: logs tell nobody's name.
      for (const { file } of damaged) {
        const message = `the profile ${file} is damaged; \`whospeaks speakers list\` says whose it is and why`;
        onWarning(group.name, { code: 'store-corrupt', message });
      }
    }
    return new GroupDirectory(groups);
  }

  /** Every group of a token is there. */
  get(name: string): SpeakerGroup {
    return this.#groups.get(name)!;
  }
}
