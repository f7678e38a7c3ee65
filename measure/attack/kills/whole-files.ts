import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel, writeSafetensors } from '../../../src/convert.js';
import { ProfileStore } from '../../../src/index.js';
import { makeToken, readTokensFile } from '../../../src/server/index.js';
import { writeWholeFile } from '../../../src/whole-file.js';
import { randomModel, TINY } from '../../random-model.js';
import { profileFor, randomVoice } from '../../../test/tracker/synthetic.js';
import { randomNumbers } from '../../../test/random.js';
import { numberOf } from './store-churn.js';

/** A file that the product replaces as a whole; what it holds tells the number that was written. */
export interface WholeFile {
  readonly write: (number: number) => Promise<void>;
  /** Rejects where the product cannot read it. */
  readonly read: () => Promise<number>;
}

const TOKENS = 2000;

export const WHOLE_FILES = {
  'exported speakers': (folder: string): WholeFile => {
    const file = join(folder, 'speakers.json');
    let source: Promise<ProfileStore> | undefined;
    return {
      write: async (number) => {
        const store = await (source ??= emptyStore(folder));
        const profile = { ...profileFor('alice', randomVoice(randomNumbers(1))), speechSeconds: number };
        await store.put(profile, { replaces: 'alice' });
        await store.export(file);
      },
      read: async () => {
        const store = await emptyStore(folder);
        await store.import(file);
        const number = numberOf(await store.get('alice'));
        await rm(store.folder, { recursive: true });
        return number;
      },
    };
  },
  'model weights': (folder: string): WholeFile => {
    const file = join(folder, 'model.safetensors');
    const model = randomModel(TINY);
    return {
      write: (number) => writeSafetensors({ ...model, name: `number-${number}` }, file),
      // As a folder: what a killed writer left beside it must not be taken for a model.
      read: async () => Number((await readModel(folder)).name.replace('number-', '')),
    };
  },
  'server tokens': (folder: string): WholeFile => {
    const file = join(folder, 'tokens.json');
    const { record } = makeToken('a', 'team-a');
    return {
      write: (number) => {
        const tokens = Array.from({ length: TOKENS }, (_, i) => ({ ...record, id: `${number}-${i}` }));
        return writeWholeFile(file, JSON.stringify({ tokens }));
      },
      read: () => {
        const tokens = readTokensFile(file);
        if (tokens.length !== TOKENS) throw new Error(`${tokens.length} tokens of ${TOKENS}`);
        return Promise.resolve(Number(tokens[0]!.id.split('-')[0]));
      },
    };
  },
} satisfies Record<string, (folder: string) => WholeFile>;

export type WholeFileKind = keyof typeof WHOLE_FILES;

/** Beside the folder, for a killed writer leaves it there. */
async function emptyStore(folder: string): Promise<ProfileStore> {
  return new ProfileStore({ folder: await mkdtemp(`${folder}-store-`) });
}
