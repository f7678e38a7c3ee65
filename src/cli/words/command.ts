import { Command } from 'commander';
import { countSchema, type SpeakerCount } from '../../clustering/speaker-count.js';
import { parseOptions } from '../../options.js';
import type { WordTranscript } from '../../transcript/read/index.js';
import { WORD_FORMATS, type WordFormat } from '../../transcript/words/formats/index.js';
import { wholeNumber } from '../audio-input.js';
import { addCountOptions } from '../count-options.js';
import { addEngineOption, engineOptions, type EngineOption } from '../engine-option.js';
import { parseEnroll, type EnrollRequest } from '../enroll-argument.js';
import { recordingName } from '../listen-output.js';
import { speakersOf } from '../listen-speakers.js';
import { nameList } from '../name-argument.js';
import { onInterrupt } from '../on-interrupt.js';
import { openModel } from '../open-model.js';
import { addStoreOptions, openStore, type StoreOption } from '../open-store.js';
import { addFormatOptions, assertTranscriptFlags } from '../transcript-output.js';
import { readWordsFile } from './read-words-file.js';
import { assertWordFiles, writeWords } from './write-words.js';

interface WordsFlags extends EngineOption, StoreOption, SpeakerCount {
  readonly enroll?: readonly EnrollRequest[];
  readonly saved?: readonly string[] | true;
  readonly format?: readonly WordFormat[];
  readonly outDir?: string;
  readonly model?: string;
  readonly threads?: number;
}

/** `whospeaks words`: the words of a recogniser under the names of a recording's speakers. */
export function wordsCommand(): Command {
  const command = new Command('words')
    .argument('<transcript>', 'JSON of a recogniser, or captions (SRT, VTT)')
    .argument('<recording>', 'audio file that the transcript is of')
    .option('--enroll <speaker>', 'FILE or NAME=FILE[,FILE...]; may be repeated', parseEnroll)
    .option('--saved [names]', 'name saved speakers too: those of a list a,b, or without one all', nameList);
  const withFormats = addFormatOptions(addCountOptions(command), WORD_FORMATS, 'txt');
  const withEngine = addEngineOption(
    withFormats
      .option('--model <name>', 'model name or file (default: the bundled one)')
      .option('--threads <n>', 'threads of the network', wholeNumber),
  );
  return addStoreOptions(withEngine).action(run);
}

async function run(transcriptPath: string, recordingPath: string, flags: WordsFlags): Promise<void> {
  const { speakers, minSpeakers, maxSpeakers } = flags;
  const count = parseOptions('words', countSchema, { speakers, minSpeakers, maxSpeakers });
  assertTranscriptFlags(flags);
  const recording = recordingName(recordingPath);
  assertWordFiles(recording, flags, [transcriptPath, recordingPath]);
  const transcript = readWordsFile(transcriptPath);
  warnOfEstimates(transcript, transcriptPath);
  const stop = new AbortController();
  const ignoreInterrupts = onInterrupt(() => {
    stop.abort();
  });
  // Its networks are loaded by this command alone.
  const { nameRecording } = await import('./name-recording.js');
  const model = await openModel(flags.model, engineOptions(flags));
  try {
    const { enroll = [], saved } = flags;
    const chosen = { enroll, ...(saved === undefined ? {} : { speakers: saved }) };
    const profiles = await speakersOf(model, chosen, await openStore(flags));
    const { signal } = stop;
    const named = await nameRecording(recordingPath, transcript.words, { model, profiles, count, signal });
    if (named.fit.isDoubtful) {
      const beyond = named.fit.beyond > 0 ? `, ${named.fit.beyond} words begin after its end` : '';
      warn(
        `${transcriptPath} may be another recording's: of its words' time, ` +
          `${Math.round(100 * named.fit.spoken)} % is speech in ${recordingPath}${beyond}`,
      );
    }
    const { words, duration } = named;
    await writeWords({ recording, duration, words }, flags);
  } finally {
    ignoreInterrupts();
    model.close();
  }
}

function warnOfEstimates({ words, estimatedWords }: WordTranscript, path: string): void {
  if (words.length === 0) warn(`${path}: no words`);
  if (estimatedWords === 0) return;
  warn(
    `${path}: the times of ${estimatedWords} of ${words.length} words are estimated from those of phrases; ` +
      'ask the recogniser for the times of words',
  );
}

function warn(line: string): void {
  process.stderr.write(`warning: ${line}\n`);
}
