import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import type { FleetSpeakerStore } from '../fleet/speakers/fleet-speaker-store.js';
import { ProfileStore, type SpeakerStore } from '../speakers/index.js';
import { openFleetStore } from './open-fleet.js';

/** Where speakers are saved. */
export interface StoreOption {
  readonly store?: string;
  readonly keyFile?: string;
}

/** What the audit trail says of changes that are made here. */
export const BY_COMMAND_LINE = 'command line';

export function addStoreOptions(command: Command): Command {
  return command
    .option(
      '--store <folder>',
      'folder of saved speakers (default: $WHOSPEAKS_HOME/speakers or the data folder); a .js or .mjs file: ' +
        'the SpeakerStore that it exports as default; nats://HOST/NAME: a fleet, see docs/fleet.md',
    )
    .option(
      '--key-file <file>',
      'encryption keys of the store (default: $WHOSPEAKS_STORE_KEY_FILE, or the key $WHOSPEAKS_STORE_KEY)',
    );
}

/** The store that the options name: the folder of files, or one of the user's own. Rejects with `invalid-option`. */
export async function openStore({ store, keyFile }: StoreOption): Promise<SpeakerStore> {
  if (store !== undefined && isFleet(store)) return openFleetStore(store, keyFile);
  if (store === undefined || !isModule(store)) return openFolder({ store, keyFile });
  let made: unknown;
  try {
    const module = (await import(pathToFileURL(resolve(store)).href)) as { default?: unknown };
    made = typeof module.default === 'function' ? await (module.default as () => unknown)() : module.default;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WhospeaksError('invalid-option', `--store: ${store} cannot be loaded: ${why}`, {
      cause: error,
    });
  }
  if (isStore(made)) return made;
  throw new WhospeaksError(
    'invalid-option',
    `--store: ${store} exports no SpeakerStore as default, nor a function that makes one; docs/store.md shows how`,
  );
}

/** The folder of files. @throws {WhospeaksError} `invalid-option` where the options name another store */
export function openFolder({
  store,
  keyFile,
}: { [Key in keyof StoreOption]?: string | undefined }): ProfileStore {
  if (store === undefined || !(isModule(store) || isFleet(store)))
    return new ProfileStore({ ...(store === undefined ? {} : { folder: store }), keyFile });
  throw new WhospeaksError(
    'invalid-option',
    `--store: this command needs a folder of files, not a store of another kind`,
  );
}

/** The folder or fleet, whose keys can be changed. Rejects with `invalid-option`, or as `Fleet.open` does. */
export async function openSealed(options: {
  [Key in keyof StoreOption]?: string | undefined;
}): Promise<ProfileStore | FleetSpeakerStore> {
  const { store, keyFile } = options;
  return store !== undefined && isFleet(store) ? openFleetStore(store, keyFile) : openFolder(options);
}

/** What is printed of where a store is. */
export function placeOf(store: SpeakerStore): string {
  return store instanceof ProfileStore ? store.folder : 'the store';
}

function isFleet(store: string): boolean {
  return /^(nats|tls):\/\//.test(store);
}

function isModule(store: string): boolean {
  return /\.[cm]?js$/.test(store);
}

function isStore(value: unknown): value is SpeakerStore {
  const methods = ['list', 'get', 'put', 'delete', 'watch', 'audit'] as const;
  return (
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  );
}
