import { Command, InvalidArgumentError } from 'commander';
import { lastValueFrom } from 'rxjs';
import { tap } from 'rxjs/operators';
import { identify } from '../identify.js';
import { SpeakerModel } from '../native/index.js';
import { until } from '../stream/index.js';
import { enroll, profileAdvice, ProfileStore, type Profile } from '../speakers/index.js';
import { readCalibration } from '../scoring/index.js';
import type { Learnt } from '../tracker/index.js';
import { DEFAULT_FALSE_ACCEPT_RATE, DEFAULT_RATE_OF_ONE } from '../scoring/scorer.js';
import { nameKey } from '../speakers/speaker-name.js';
import { fromFile } from '../stream/index.js';
import { addInputOptions, openInput, wholeNumber, withProgress, type InputOptions } from './audio-input.js';
import { addEngineOption, type EngineOption } from './engine-option.js';
import { parseEnroll, type EnrollRequest } from './enroll-argument.js';
import { parseName, type NameRequest } from './name-argument.js';
import { nameLine } from './name-line.js';
import { onInterrupt } from './on-interrupt.js';
import { JsonPrinter, LinePrinter, type Printer } from './printer.js';
import { withProgressBar } from './progress.js';
import { RttmFile } from './rttm-file.js';
import { TimelinePrinter } from './timeline.js';
import { VoiceNames } from './voice-names.js';

interface ListenOptions extends InputOptions, EngineOption {
  readonly enroll?: readonly EnrollRequest[];
  readonly speakers?: readonly string[] | true;
  readonly store?: string;
  readonly model?: string;
  readonly threads?: number;
  readonly falseAcceptRate?: number;
  readonly threshold?: number;
  readonly latency?: number;
  readonly calibration?: string;
  readonly adapt?: true;
  readonly name?: readonly NameRequest[];
  readonly learn?: true;
  readonly json?: true;
  readonly rttm?: string;
}

export function listenCommand(): Command {
  const command = new Command('listen')
    .description('Say who is speaking in a file, a pipe or the microphone, as it happens.')
    .argument('[input]', 'an audio file (wav, flac, mp3, ogg, opus, m4a), or - for raw PCM on standard input')
    .option('--enroll <speaker>', 'FILE or NAME=FILE[,FILE...]; may be repeated', parseEnroll);
  return addEngineOption(addInputOptions(command))
    .option(
      '--speakers [names]',
      'also name saved speakers: all, or a list a,b (saved ones alone need no option)',
      nameList,
    )
    .option('--store <folder>', 'where speakers are saved')
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .option('--threads <n>', 'threads of the network', wholeNumber)
    .option(
      '--false-accept-rate <share>',
      "share of strangers' turns that may get an enrolled name (default: " +
        `${DEFAULT_FALSE_ACCEPT_RATE}, and ${DEFAULT_RATE_OF_ONE} for each one enrolled)`,
      share,
    )
    .option('--threshold <cosine>', 'for experts: how alike a voice must be to be named, -1 to 1', cosine)
    .option('--adapt', 'learn from long, sure turns of saved speakers (`speakers undo` forgets it)')
    .option(
      '--name <voice>',
      'LABEL=NAME, such as unknown-1=dana: name that voice at the end and save it; may be repeated. The name of an ' +
        'enrolled speaker, or another unknown label, says whose the voice is. On a terminal the same, typed while it ' +
        'listens, does so at once; 01:15=dana says whose the turn at that time was',
      parseName,
    )
    .option(
      '--learn',
      'what is heard of a voice that --name gives to a saved speaker joins the profile (default: it is kept apart)',
    )
    .option('--calibration <file>', 'what `whospeaks calibrate` wrote for your recordings')
    .option(
      '--latency <seconds>',
      'how long after its end a turn is settled, 0.5 to 10 (default: 2.5)',
      latency,
    )
    .option('--json', 'one event a line as JSON')
    .option(
      '--rttm <file>',
      'write finished turns as RTTM too, corrected at the end where later turns correct them',
    )
    .action((input: string | undefined, options: ListenOptions) => listen(input, options));
}

async function listen(input: string | undefined, options: ListenOptions): Promise<void> {
  const stop = new AbortController();
  const sound = until(openInput(input, options), stop.signal);
  const names = new VoiceNames(options.name ?? [], storeOf(options), options.learn === true);
  await names.assertFree(
    (options.enroll ?? []).map(({ name }) => name),
    options.speakers ?? [],
  );
  const model = await SpeakerModel.fromPretrained(options.model, {
    engine: options.engine,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  // The turn in progress is still told.
  const ignoreInterrupts = onInterrupt(() => {
    stop.abort();
  });
  try {
    const enrolled = await enrollAll(model, options);
    const saved = await savedSpeakers(enrolled, options);
    adviseOn(model, enrolled, saved);
    const speakers = [...enrolled, ...saved];
    const printer = choosePrinter(options, speakers, () => sound.durationSamples);
    const rttm = options.rttm === undefined ? undefined : new RttmFile(options.rttm, input ?? 'microphone');
    const source = withProgress(sound, (position) => {
      printer.progress(position);
    });
    const learnt: Learnt[] = [];
    const events = identify(source, {
      model,
      speakers,
      commands: names.commands,
      ...(options.falseAcceptRate === undefined ? {} : { falseAcceptRate: options.falseAcceptRate }),
      ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
      ...(options.adapt ? { adapt: (each: Learnt) => learnt.push(each) } : {}),
      ...(options.calibration === undefined
        ? {}
        : { scoring: (await readCalibration(options.calibration, model)).scoring }),
      ...(options.latency === undefined ? {} : { latencySeconds: options.latency }),
    });
    const closeKeyboard = input === '-' ? undefined : nameAtKeyboard(printer, names);
    try {
      await lastValueFrom(
        events.pipe(
          tap((event) => {
            names.event(event);
            printer.event(event);
            rttm?.event(event);
          }),
        ),
        { defaultValue: undefined },
      );
    } catch (fault) {
      // What was named meanwhile is saved all the same; the stream's fault is the one to tell.
      await names.finish().catch(() => undefined);
      throw fault;
    } finally {
      closeKeyboard?.();
      printer.close();
      await rttm?.close();
    }
    try {
      await names.finish();
    } finally {
      await keep(learnt, options);
    }
  } finally {
    ignoreInterrupts();
    model.close();
  }
}

function storeOf({ store }: ListenOptions): ProfileStore {
  return new ProfileStore(store === undefined ? {} : { folder: store });
}

/** The speakers enrolled on the command line. */
async function enrollAll(model: SpeakerModel, options: ListenOptions): Promise<Profile[]> {
  const enrolled: Profile[] = [];
  for (const { name, files } of options.enroll ?? []) {
    enrolled.push(await enroll(model, { name, sources: files.map((file) => fromFile(file)) }));
  }
  return enrolled;
}

/** Saved speakers where asked for, or where nobody was enrolled. */
async function savedSpeakers(enrolled: readonly Profile[], options: ListenOptions): Promise<Profile[]> {
  if (enrolled.length > 0 && options.speakers === undefined) return [];
  const store = storeOf(options);
  const { profiles, damaged, warnings } = await store.list();
  for (const { code, message } of warnings) process.stderr.write(`warning: ${message} [${code}]\n`);
  for (const { name, reason } of damaged)
    process.stderr.write(`warning: saved speaker ${name} is left out: ${reason}\n`);
  const wanted =
    options.speakers === undefined || options.speakers === true
      ? profiles
      : await pick(store, options.speakers);
  return wanted.filter(({ name }) => !enrolled.some((other) => nameKey(other.name) === nameKey(name)));
}

/** What `speakers add` would say of those enrolled on the command line. */
function adviseOn(model: SpeakerModel, enrolled: readonly Profile[], saved: readonly Profile[]): void {
  for (const [i, profile] of enrolled.entries()) {
    for (const advice of profileAdvice(model, profile, [...saved, ...enrolled.slice(0, i)]))
      process.stderr.write(`warning: ${profile.name}: ${advice}\n`);
  }
}

/** What was learnt of saved speakers, into the store; of those enrolled on the command line nothing is kept. */
async function keep(learnt: readonly Learnt[], options: ListenOptions): Promise<void> {
  if (learnt.length === 0) return;
  const store = storeOf(options);
  const saved = new Set((await store.list()).profiles.map(({ name }) => name));
  const enrolled = new Set(options.enroll?.map(({ name }) => name));
  for (const { speaker, adaptation } of learnt) {
    if (saved.has(speaker) && !enrolled.has(speaker)) await store.adapt(speaker, adaptation);
  }
}

async function pick(store: ProfileStore, names: readonly string[]): Promise<Profile[]> {
  return Promise.all(names.map((name) => store.get(name)));
}

/** On a terminal, `unknown-1=dana` and Enter name a voice that is heard. Returns how to end that. */
function nameAtKeyboard(printer: Printer, names: VoiceNames): (() => void) | undefined {
  if (!(printer instanceof TimelinePrinter) || !process.stdin.isTTY) return undefined;
  printer.offerNaming(true);
  return nameLine({
    onChange: (text) => {
      printer.typed(text);
    },
    onClose: () => {
      printer.offerNaming(false);
    },
    onLine: (text) => {
      if (text.trim() === '') return;
      names.give(text).catch((error: unknown) => {
        printer.say(error instanceof Error ? error.message : String(error));
      });
    },
  });
}

function choosePrinter(
  options: ListenOptions,
  speakers: readonly Profile[],
  duration: () => number | undefined,
): Printer {
  if (!options.json && process.stdout.isTTY) {
    return new TimelinePrinter(
      speakers.map(({ name }) => name),
      duration,
    );
  }
  const printer = options.json ? new JsonPrinter() : new LinePrinter();
  return process.stderr.isTTY && !process.stdout.isTTY ? withProgressBar(printer, duration) : printer;
}

function nameList(value: string): string[] {
  return value.split(',').filter((name) => name !== '');
}

function cosine(value: string): number {
  return between(value, -1, 1, 'expected a cosine from -1 to 1.');
}

function latency(value: string): number {
  return between(value, 0.5, 10, 'expected seconds from 0.5 to 10.');
}

function share(value: string): number {
  const number = between(value, 0, 1, SHARE);
  if (number === 0 || number === 1) throw new InvalidArgumentError(SHARE);
  return number;
}

const SHARE = 'expected a share between 0 and 1, such as 0.05.';

function between(value: string, least: number, most: number, message: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= least && number <= most)) throw new InvalidArgumentError(message);
  return number;
}
