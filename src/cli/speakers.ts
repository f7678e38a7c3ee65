import { Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import { renameSpeaker, undoAdaptations } from '../speakers/store/speaker-changes.js';
import { addSpeaker, keptDays, type AddOptions } from './add-speaker.js';
import { wholeNumber } from './audio-input.js';
import { addEngineOption } from './engine-option.js';
import {
  addStoreOptions,
  BY_COMMAND_LINE as by,
  openFolder,
  openStore,
  type StoreOption,
} from './open-store.js';
import { copySpeakers, type CopyOptions } from './copy-speakers.js';
import { rotateKey } from './rotate-key.js';
import { listRemoved, listSpeakers, showAudit, showSpeaker, type ShowOptions } from './show-speakers.js';
import { upgradeSpeakers, type UpgradeOptions } from './upgrade-speakers.js';

const MODEL = ['--model <name>', 'model name or file (default: the bundled one)'] as const;

/** `whospeaks speakers`: the voices kept for later. */
export function speakersCommand(): Command {
  const command = new Command('speakers');
  const sub = (name: string, description: string): Command =>
    addStoreOptions(command.command(name).description(description));

  addEngineOption(sub('add', 'enrol a speaker from recordings of that voice alone, or at the microphone'))
    .argument('<name>')
    .argument('[files...]', 'audio files; several make a better profile')
    .option('--append', 'add the recordings to the speaker of this name')
    .option('--replace', 'take the place of the speaker of this name, if there is one')
    .option('--keep-audio [days]', 'keep the recordings for `speakers upgrade`', keptDays)
    .option('--mic [device]', 'listen to the microphone (name or id from `whospeaks mic list`)')
    .option('--seconds <n>', 'speech to enrol from at the microphone', wholeNumber, 12)
    .option(...MODEL)
    .option('--json', 'print the report as JSON')
    .action(async (name: string, files: string[], options: StoreOption & AddOptions) =>
      addSpeaker(await openStore(options), name, files, options),
    );
  sub('list', 'say who is enrolled, and who cannot be named by the model')
    .option(...MODEL)
    .option('--json', 'as JSON')
    .action(async (options: StoreOption & ShowOptions) => listSpeakers(await openStore(options), options));
  sub('show', 'say all that is known of one speaker')
    .argument('<name>')
    .option(...MODEL)
    .option('--json', 'as JSON')
    .action(async (name: string, options: StoreOption & ShowOptions) =>
      showSpeaker(await openStore(options), name, options),
    );
  sub('rename', 'change a name')
    .argument('<old>')
    .argument('<new>')
    .action(async (from: string, to: string, options: StoreOption) => {
      await renameSpeaker(await openStore(options), from, to, { by });
      print(`${from} is now ${to}`);
    });
  sub('undo', 'forget what was learnt of a speaker after the enrolment')
    .argument('<name>')
    .option('--last <n>', 'only the latest', wholeNumber)
    .action(async (name: string, options: StoreOption & { last?: number }) => {
      const undone = await undoAdaptations(await openStore(options), name, options.last, { by });
      print(undone === 0 ? `nothing was learnt of ${name}` : `forgot ${undone} of ${name}`);
    });
  sub('remove', 'remove a speaker; `speakers restore` undoes it for some days')
    .argument('<name>')
    .option('--erase', 'erase profile, recordings, removed profiles and audit lines')
    .action(remove);
  sub('restore', 'restore a removed speaker; without a name, list those that can be restored')
    .argument('[name]')
    .action(restore);
  addEngineOption(sub('upgrade', 'make profiles of another model again, from kept audio'))
    .argument('[names...]', 'default: all that need it')
    .option(...MODEL)
    .action(async (names: string[], options: StoreOption & UpgradeOptions) =>
      upgradeSpeakers(await openStore(options), names, options),
    );
  sub('audit', 'say who changed which speaker')
    .argument('[name]')
    .option('--json', 'one change a line as JSON')
    .action(async (name: string | undefined, options: StoreOption & { json?: true }) =>
      showAudit(await openStore(options), name, options),
    );
  sub('export', 'write speakers to a file, which is not encrypted')
    .argument('<file>')
    .argument('[names...]', 'default: all')
    .action(async (file: string, names: string[], options: StoreOption) => {
      const written = await openFolder(options).export(file, names.length === 0 ? undefined : names);
      print(`wrote ${written.length} to ${file}: ${written.join(', ')}`);
    });
  sub('import', 'take speakers from a file that export wrote')
    .argument('<file>')
    .option('--skip', 'keep the stored speaker where a name is there already')
    .option('--replace', "take the file's speaker where a name is there already")
    .action(async (file: string, options: StoreOption & { skip?: true; replace?: true }) => {
      const onConflict = options.replace ? 'replace' : options.skip ? 'skip' : 'error';
      const taken = await openFolder(options).import(file, { onConflict });
      print(taken.length === 0 ? 'nothing new' : `imported ${taken.length}: ${taken.join(', ')}`);
    });
  command
    .command('copy')
    .description('copy all speakers from one store into another: folders, fleets, stores of your own')
    .requiredOption('--from <store>', 'as --store of the other commands')
    .requiredOption('--to <store>', 'likewise')
    .option('--key-file <file>', 'encryption keys of both')
    .option('--dry-run', 'say what would be copied, and copy nothing')
    .option('--skip', 'keep the speaker of --to where it has another of a name')
    .option('--replace', 'take the speaker of --from there')
    .action(async (options: CopyOptions) => copySpeakers(options));
  sub('rotate-key', 'encrypt the store with a new key, or for the first time').action(rotateKey);
  return command;
}

async function remove(name: string, options: StoreOption & { erase?: true }): Promise<void> {
  const store = await openStore(options);
  await store.delete(name, { by, erase: options.erase });
  const removed = options.erase ? [] : ((await store.removed?.()) ?? []);
  const found = removed.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) print(`${options.erase ? 'erased' : 'removed'} ${name}`);
  else
    print(
      `removed ${name}; until ${found.until} this brings it back: whospeaks speakers restore ${quoted(found.name)}`,
    );
}

async function restore(name: string | undefined, options: StoreOption): Promise<void> {
  const store = await openStore(options);
  if (name === undefined) {
    await listRemoved(store);
    return;
  }
  if (store.restore === undefined) {
    throw new WhospeaksError(
      'invalid-option',
      'restore: this store keeps nothing of speakers that were removed',
    );
  }
  print(`restored ${(await store.restore(name, { by })).name}`);
}

function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `"${name}"`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
