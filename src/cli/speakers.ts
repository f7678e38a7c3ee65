import { Command } from 'commander';
import { ProfileStore, type ProfileList } from '../speakers/index.js';
import { addSpeaker, describeProfile } from './add-speaker.js';
import { wholeNumber } from './audio-input.js';
import type { AddOptions } from './add-speaker.js';
import { addEngineOption } from './engine-option.js';
import { EXIT } from './exit-codes.js';

interface StoreOption {
  readonly store?: string;
}

/** `whospeaks speakers`: the voices kept for later. */
export function speakersCommand(): Command {
  const command = new Command('speakers').description(
    'Keep the voices that may be named: add, list, rename, remove.',
  );
  const sub = (name: string, description: string): Command =>
    command
      .command(name)
      .description(description)
      .option(
        '--store <folder>',
        'where speakers are saved (default: $WHOSPEAKS_HOME/speakers or the data folder)',
      );

  addEngineOption(sub('add', 'enrol a speaker from recordings of that voice alone, or at the microphone'))
    .argument('<name>')
    .argument('[files...]', 'audio files; several make a better profile')
    .option('--mic [device]', 'listen to the microphone (a device name or id from `whospeaks mic list`)')
    .option('--seconds <n>', 'speech to enrol from at the microphone', wholeNumber, 12)
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .option('--json', 'print the report as JSON')
    .action((name: string, files: string[], options: StoreOption & AddOptions) =>
      addSpeaker(open(options), name, files, options),
    );
  sub('list', 'say who is enrolled').option('--json', 'as JSON').action(list);
  sub('rename', 'change a name')
    .argument('<old>')
    .argument('<new>')
    .action(async (from: string, to: string, options: StoreOption) => {
      await open(options).rename(from, to);
      print(`${from} is now ${to}`);
    });
  sub('undo', 'forget what was learnt of a speaker after the enrolment')
    .argument('<name>')
    .option('--last <n>', 'only the latest', wholeNumber)
    .action(async (name: string, options: StoreOption & { last?: number }) => {
      const undone = await open(options).undoAdaptations(name, options.last);
      print(undone === 0 ? `nothing was learnt of ${name}` : `forgot ${undone} of ${name}`);
    });
  sub('remove', 'delete a speaker from disk')
    .argument('<name>')
    .action(async (name: string, options: StoreOption) => {
      await open(options).delete(name);
      print(`removed ${name}`);
    });
  sub('export', 'write speakers to a file')
    .argument('<file>')
    .argument('[names...]', 'default: all')
    .action(async (file: string, names: string[], options: StoreOption) => {
      const written = await open(options).export(file, names.length === 0 ? undefined : names);
      print(`wrote ${written.length} to ${file}: ${written.join(', ')}`);
    });
  sub('import', 'take speakers from a file that export wrote')
    .argument('<file>')
    .option('--skip', 'keep the stored speaker where a name is there already')
    .option('--replace', "take the file's speaker where a name is there already")
    .action(async (file: string, options: StoreOption & { skip?: true; replace?: true }) => {
      const onConflict = options.replace ? 'replace' : options.skip ? 'skip' : 'error';
      const taken = await open(options).import(file, { onConflict });
      print(taken.length === 0 ? 'nothing new' : `imported ${taken.length}: ${taken.join(', ')}`);
    });
  return command;
}

async function list(options: StoreOption & { json?: true }): Promise<void> {
  const store = open(options);
  const contents = await store.list();
  if (options.json) print(JSON.stringify(toJson(store.folder, contents), null, 2));
  else if (contents.profiles.length === 0) print(`no speakers in ${store.folder}`);
  else for (const profile of contents.profiles) print(describeProfile(profile));
  for (const { code, message } of contents.warnings) warn(`${message} [${code}]`);
  for (const { name, file, reason } of contents.damaged) {
    warn(`the profile of ${name} is damaged (${file}: ${reason}); remove it and enrol again [store-corrupt]`);
  }
  if (contents.damaged.length > 0) process.exitCode = EXIT.speakers;
}

function toJson(folder: string, { profiles, damaged, warnings }: ProfileList): object {
  return {
    folder,
    speakers: profiles.map(
      ({ name, model, dimension, speechSeconds, recordings, consistency, createdAt }) => ({
        name,
        model,
        dimension,
        speechSeconds,
        recordings,
        consistency,
        createdAt,
      }),
    ),
    damaged,
    warnings,
  };
}

function open({ store }: StoreOption): ProfileStore {
  return new ProfileStore(store === undefined ? {} : { folder: store });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function warn(line: string): void {
  process.stderr.write(`warning: ${line}\n`);
}
