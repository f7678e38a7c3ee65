import { Command, InvalidArgumentError } from 'commander';
import { lastValueFrom } from 'rxjs';
import { tap } from 'rxjs/operators';
import { WhospeaksError } from '../errors.js';
import { identify } from '../identify.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';
import { SegmentationModel } from '../native/index.js';
import { until } from '../stream/index.js';
import type { Profile } from '../speakers/index.js';
import { nameKey } from '../speakers/speaker-name.js';
import { readCalibration } from '../scoring/index.js';
import type { Learnt } from '../tracker/index.js';
import { DEFAULT_FALSE_ACCEPT_RATE, DEFAULT_RATE_OF_ONE } from '../scoring/scorer.js';
import { assertDistinctInRttm } from '../transcript/rttm.js';
import {
  addInputOptions,
  mixedNote,
  openInput,
  wholeNumber,
  withProgress,
  type InputOptions,
} from './audio-input.js';
import { addEngineOption, engineOptions, type EngineOption } from './engine-option.js';
import { EXIT } from './exit-codes.js';
import { parseEnroll } from './enroll-argument.js';
import { choosePrinter, isLive, recordingName } from './listen-output.js';
import { followSaved, keepLearnt, speakersOf, type SpeakerOptions } from './listen-speakers.js';
import { nameList, parseName, type NameRequest } from './name-argument.js';
import { nameLine } from './name-line.js';
import { onInterrupt } from './on-interrupt.js';
import { addStoreOptions, openStore, type StoreOption } from './open-store.js';
import { openRttm } from './rttm-file.js';
import { RateWatch } from './rate-watch.js';
import { readAs, SpeechWatch } from './speech-watch.js';
import {
  addTranscriptOptions,
  assertTranscriptFlags,
  TranscriptSink,
  type TranscriptFlags,
} from './transcript-output.js';
import type { Printer } from './view/printer.js';
import { TimelinePrinter } from './view/timeline.js';
import { VoiceNames } from './voice-names.js';
import { share } from './share-argument.js';
import { openModel } from './open-model.js';

interface ListenOptions extends InputOptions, EngineOption, SpeakerOptions, StoreOption, TranscriptFlags {
  readonly model?: string;
  readonly threads?: number;
  readonly falseAcceptRate?: number;
  readonly threshold?: number;
  readonly latency?: number;
  readonly calibration?: string;
  readonly segmentation?: true | string;
  readonly adapt?: true;
  readonly name?: readonly NameRequest[];
  readonly learn?: true;
  readonly json?: true;
  readonly rttm?: string;
}

export function listenCommand(): Command {
  const command = new Command('listen')
    .argument(
      '[input]',
      'audio file (wav, flac, mp3, ogg, opus, m4a, webm), or - for raw PCM on standard input',
    )
    .option('--enroll <speaker>', 'FILE or NAME=FILE[,FILE...]; may be repeated', parseEnroll);
  return addTranscriptOptions(addStoreOptions(addEngineOption(addInputOptions(command))), 'turns as text')
    .option(
      '--speakers [names]',
      'name saved speakers too: those of a list a,b, or without one all',
      nameList,
    )
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .option('--threads <n>', 'threads of the network', wholeNumber)
    .option(
      '--false-accept-rate <share>',
      "share of strangers' turns that may get an enrolled name (default: " +
        `${DEFAULT_FALSE_ACCEPT_RATE}, and ${DEFAULT_RATE_OF_ONE} for each one enrolled)`,
      share,
    )
    .option('--threshold <cosine>', 'least cosine for a name, -1 to 1, in place of the rate', cosine)
    .option('--adapt', 'adapt saved speakers to long, sure turns (`speakers undo` reverts it)')
    .option(
      '--name <voice>',
      'LABEL=NAME, such as unknown-1=dana: name an unknown speaker at the end and save it, or merge it with an ' +
        'enrolled or unknown one; may be repeated. On a terminal, type it while listening; 01:15=dana names a turn',
      parseName,
    )
    .option(
      '--learn',
      '--name adds the speech to the profile of a saved speaker (default: keeps it as an adaptation)',
    )
    .option('--calibration <file>', 'what `whospeaks calibrate` wrote for your recordings')
    .option(
      '--segmentation [model]',
      'hear where two speak at once with a segmentation network (default: the bundled one), at 5 % of a core',
    )
    .option('--latency <seconds>', 'delay of final answers, 0.5 to 10 (default: 2.5)', latency)
    .option('--json', 'one event a line as JSON')
    .option('--rttm <file>', 'write corrected turns as RTTM; - is standard output')
    .action((input: string | undefined, options: ListenOptions) => listen(input, options));
}

async function listen(input: string | undefined, options: ListenOptions): Promise<void> {
  const isTaken = isStdoutTaken(options);
  assertTranscriptFlags(options);
  const stop = new AbortController();
  const sound = until(openInput(input, options), stop.signal);
  const store = await openStore(options);
  const names = new VoiceNames(options.name ?? [], store, options.learn === true);
  await names.assertFree(
    (options.enroll ?? []).map(({ name }) => name),
    // Without --enroll all who are saved are listened for.
    options.speakers ?? (options.enroll === undefined ? true : []),
  );
  const model = await openModel(options.model, engineOptions(options));
  const segmentation = await openSegmentation(options);
  // The turn in progress is still told.
  const ignoreInterrupts = onInterrupt(() => {
    stop.abort();
  });
  // So is it where a supervisor ends the program, whose exit code says by which signal.
  const ignoreTermination = onInterrupt(() => {
    stop.abort();
    process.exitCode = EXIT.terminated;
  }, ['SIGTERM']);
  try {
    const speakers = await speakersOf(model, options, store);
    const enrolled = speakers.map(({ name }) => name);
    if (options.rttm !== undefined || options.format?.includes('rttm')) {
      names.onCheck((given) => {
        assertDistinctInRttm([...enrolled, ...given], 'RTTM');
      });
    }
    const live = isLive(input, options);
    const durationSamples = (): number | undefined => sound.durationSamples;
    const recording = recordingName(input);
    const rttm = openRttm(options.rttm, { input, recording, live });
    const transcript = options.format === undefined ? undefined : new TranscriptSink(recording, options);
    const speech = new SpeechWatch(input, options);
    // Of raw samples only somebody says the rate, and how alike voices are at another one is known of the bundled model.
    const rate = input === '-' && options.model === undefined ? new RateWatch() : undefined;
    const source = speech.watch(
      withProgress(sound, (chunk) => {
        printer.progress(chunk.startSample + chunk.samples.length);
        rate?.hear(chunk);
      }),
    );
    const learnt: Learnt[] = [];
    const events = identify(source, {
      model,
      speakers,
      commands: names.commands,
      onProfile: (profile) => {
        names.improve(profile);
      },
      ...(options.falseAcceptRate === undefined ? {} : { falseAcceptRate: options.falseAcceptRate }),
      ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
      ...(options.adapt ? { adapt: (each: Learnt) => learnt.push(each) } : {}),
      ...(options.calibration === undefined
        ? {}
        : { scoring: (await readCalibration(options.calibration, model)).scoring }),
      ...(options.latency === undefined ? {} : { latencySeconds: options.latency }),
      ...(segmentation === undefined ? {} : { segmentation }),
    });
    const isFollowing =
      live && (options.speakers === true || (options.speakers === undefined && !options.enroll));
    const stopFollowing = isFollowing
      ? followSaved(model, store, enrolledHere(speakers, options), (followed) => {
          names.commands.next({ type: 'speakers', speakers: followed });
        })
      : undefined;
    // It runs a clock from here on, which what is opened above must not leave running where it fails.
    const printer = choosePrinter({
      json: options.json ?? false,
      isTaken,
      live,
      speakers: enrolled,
      durationSamples,
    });
    const closeKeyboard = input === '-' ? undefined : nameAtKeyboard(printer, names);
    try {
      await lastValueFrom(
        events.pipe(
          tap((event) => {
            names.event(event);
            printer.event(event);
            rttm?.event(event);
            transcript?.event(event);
            speech.event(event);
            rate?.event(event);
          }),
        ),
        { defaultValue: undefined },
      );
    } catch (fault) {
      // What was named meanwhile is saved all the same; the stream's fault is the one to tell.
      await names.finish().catch(() => undefined);
      throw fault;
    } finally {
      stopFollowing?.();
      closeKeyboard?.();
      printer.close();
      await rttm?.close();
      await transcript?.close();
    }
    speech.report();
    const mixed = mixedNote(sound);
    if (mixed !== null) process.stderr.write(`warning: ${mixed}\n`);
    const heard = await rate?.heardAt(options.rate ?? SAMPLE_RATE_HZ, model, speakers);
    if (heard !== undefined && heard !== null) {
      const told = `nobody was named, but at ${heard.rateHz} Hz this sounds like "${heard.speaker}"`;
      process.stderr.write(`warning: ${told}; ${readAs(options)}\n`);
    }
    try {
      await names.finish();
    } finally {
      await keepLearnt(learnt, options, store);
    }
  } finally {
    ignoreInterrupts();
    ignoreTermination();
    segmentation?.close();
    model.close();
  }
}

async function openSegmentation({ segmentation }: ListenOptions): Promise<SegmentationModel | undefined> {
  if (segmentation === undefined) return undefined;
  return SegmentationModel.fromPretrained(segmentation === true ? undefined : segmentation, { threads: 1 });
}

/** Whether something else than turns is written to standard output. @throws {WhospeaksError} `invalid-option`: two things */
function isStdoutTaken({ json, rttm, format, outDir }: ListenOptions): boolean {
  const takers = [
    json ? '--json' : undefined,
    rttm === '-' ? '--rttm -' : undefined,
    format !== undefined && outDir === undefined ? `--format ${format.join(',')}` : undefined,
  ].filter((taker) => taker !== undefined);
  if (outDir !== undefined && format === undefined) {
    throw new WhospeaksError('invalid-option', '--out-dir: say with --format what to write there');
  }
  if (takers.length < 2) return takers.length === 1 && !json;
  throw new WhospeaksError(
    'invalid-option',
    `${takers.join(' and ')} both write to standard output; give --rttm a file, or --format an --out-dir`,
  );
}

/** Those who are enrolled for this stream alone. */
function enrolledHere(speakers: readonly Profile[], { enroll = [] }: ListenOptions): Profile[] {
  return speakers.filter(({ name }) => enroll.some((each) => nameKey(each.name) === nameKey(name)));
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

function cosine(value: string): number {
  return between(value, -1, 1, 'expected a cosine from -1 to 1.');
}

function latency(value: string): number {
  return between(value, 0.5, 10, 'expected seconds from 0.5 to 10.');
}

function between(value: string, least: number, most: number, message: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= least && number <= most)) throw new InvalidArgumentError(message);
  return number;
}
