import { Command } from 'commander';
import { countSchema, type SpeakerCount } from '../../clustering/speaker-count.js';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { assertDistinctInRttm } from '../../transcript/rttm.js';
import { wholeNumber } from '../audio-input.js';
import { addCountOptions } from '../count-options.js';
import { addEngineOption, engineOptions, type EngineOption } from '../engine-option.js';
import { parseEnroll, type EnrollRequest } from '../enroll-argument.js';
import { speakersOf } from '../listen-speakers.js';
import { nameList } from '../name-argument.js';
import { onInterrupt } from '../on-interrupt.js';
import { addStoreOptions, openStore, type StoreOption } from '../open-store.js';
import { addTranscriptOptions, assertTranscriptFlags, type TranscriptFlags } from '../transcript-output.js';
import { assertDistinctRecordings, isDone, recordingsOf } from './recordings.js';
import { openModel } from '../open-model.js';

interface DiarizeFlags extends EngineOption, StoreOption, TranscriptFlags, SpeakerCount {
  readonly enroll?: readonly EnrollRequest[];
  readonly saved?: readonly string[] | true;
  readonly splitChannels?: true;
  readonly jobs: number;
  readonly skipExisting?: true;
  readonly model?: string;
  readonly threads?: number;
}

/** `whospeaks diarize`: who spoke when, of whole recordings. */
export function diarizeCommand(): Command {
  const command = new Command('diarize')
    .argument('<recordings...>', 'audio files, or folders of them')
    .option('--enroll <speaker>', 'FILE or NAME=FILE[,FILE...]; may be repeated', parseEnroll)
    .option('--saved [names]', 'name saved speakers too: those of a list a,b, or without one all', nameList);
  const withCount = addCountOptions(command).option(
    '--split-channels',
    'treat each channel as a recording, as of a telephone call',
  );
  const withEngine = addEngineOption(
    addTranscriptOptions(withCount, 'txt, with --out-dir rttm')
      .option('--skip-existing', 'leave out recordings whose files are in --out-dir already')
      .option('--jobs <n>', 'recordings at a time', wholeNumber, 1)
      .option('--model <name>', 'model name or file (default: the bundled one)')
      .option('--threads <n>', 'threads of the network', wholeNumber),
  );
  return addStoreOptions(withEngine).action(run);
}

async function run(paths: readonly string[], flags: DiarizeFlags): Promise<void> {
  const { outDir } = flags;
  const formats = flags.format ?? [outDir === undefined ? 'txt' : 'rttm'];
  const { speakers, minSpeakers, maxSpeakers } = flags;
  const count = parseOptions('diarize', countSchema, { speakers, minSpeakers, maxSpeakers });
  const found = recordingsOf(paths);
  if (outDir !== undefined || formats.includes('rttm')) assertDistinctRecordings(found);
  if (outDir === undefined) {
    if (flags.skipExisting) throw invalid('--skip-existing needs --out-dir, whose files it looks for');
    if (found.length > 1 && !['txt', 'rttm'].includes(formats[0]!)) {
      throw invalid(`--format ${formats[0]!} of ${found.length} recordings needs --out-dir`);
    }
  }
  assertTranscriptFlags(flags);
  const recordings =
    flags.skipExisting && outDir !== undefined
      ? found.filter((recording) => !isDone(recording, outDir, formats))
      : found;
  const skipped = found.length - recordings.length;
  if (skipped > 0) process.stderr.write(`skipped ${skipped} of ${found.length}: their files are there\n`);
  if (recordings.length === 0) return;
  const stop = new AbortController();
  const ignoreInterrupts = onInterrupt(() => {
    stop.abort();
  });
  // Its networks are loaded by this command alone.
  const { diarizeBatch } = await import('./diarize-batch.js');
  const model = await openModel(flags.model, engineOptions(flags));
  try {
    const { enroll = [], saved } = flags;
    const chosen = { enroll, ...(saved === undefined ? {} : { speakers: saved }) };
    const profiles = await speakersOf(model, chosen, await openStore(flags));
    if (formats.includes('rttm'))
      assertDistinctInRttm(
        profiles.map(({ name }) => name),
        'RTTM',
      );
    const { jobs } = flags;
    const splitChannels = flags.splitChannels ?? false;
    const { signal } = stop;
    await diarizeBatch(recordings, { model, profiles, count, jobs, splitChannels, formats, outDir, signal });
  } finally {
    ignoreInterrupts();
    model.close();
  }
}

function invalid(message: string): WhospeaksError {
  return new WhospeaksError('invalid-option', message);
}
