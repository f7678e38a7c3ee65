import { join } from 'node:path';
import { ProfileStore, type EnrollModel } from '../../speakers/index.js';
import { SpeakerGroup } from './speaker-group.js';

/** Folder of the group that needs no token: the one that the command line uses too. */
export const DEFAULT_GROUP = 'default';

/** The groups that the tokens name, each with a store of its own. */
export class GroupDirectory {
  readonly #groups: ReadonlyMap<string, SpeakerGroup>;

  private constructor(groups: readonly SpeakerGroup[]) {
    this.#groups = new Map(groups.map((group) => [group.name, group]));
  }

  /**
   * @param dataFolder holds `speakers/` of the default group and `groups/NAME/` of the others
   * @param onChange called with a group's name when its speakers changed
   */
  static async load(
    names: readonly string[],
    dataFolder: string,
    model: EnrollModel,
    onChange: (group: string) => void,
  ): Promise<GroupDirectory> {
    const groups = names.map((name) => {
      const folder = name === DEFAULT_GROUP ? join(dataFolder, 'speakers') : join(dataFolder, 'groups', name);
      return new SpeakerGroup(name, new ProfileStore({ folder }), model, () => {
        onChange(name);
      });
    });
    for (const group of groups) await group.load();
    return new GroupDirectory(groups);
  }

  /** Every group of a token is there. */
  get(name: string): SpeakerGroup {
    return this.#groups.get(name)!;
  }
}
