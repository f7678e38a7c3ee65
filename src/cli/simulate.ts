import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { WhospeaksError } from '../errors.js';
import { Random, simulate, wavBytes, writeRttm, type Utterance } from '../evaluate/index.js';
import { fromFile, readAll } from '../stream/index.js';
import { wholeNumber } from './audio-input.js';
import { secondsArgument } from './evaluate-input.js';
import { assertWritable, writeOutput } from './output-file.js';
import { recordingsIn, voiceFoldersIn } from './voice-folders.js';

interface Flags {
  readonly voices: string;
  readonly speakers?: number;
  readonly seed: number;
  readonly seconds: number;
  readonly noise?: string;
  readonly snr?: number;
  readonly room?: readonly [number, number];
  readonly levels: number;
  readonly interrupt: number;
  readonly overlap: number;
  readonly telephone?: true;
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .argument('<out>', 'writes OUT.wav, OUT.rttm and OUT.json (the conditions)')
    .requiredOption('--voices <dir>', 'a folder with one folder of recordings for each speaker')
    .option('--speakers <n>', 'how many of them may talk, drawn by the seed (default: all)', wholeNumber)
    .option('--seed <n>', 'the same seed, the same conversation', wholeNumber, 1)
    .option('--seconds <s>', 'length at the most, but for the first utterance', secondsArgument, 120)
    .option('--noise <dir>', 'a folder of background noise (default: white noise)')
    .option('--snr <db>', 'speech over noise, dB (default: 60, a quiet room)', decibels)
    .option('--room <t60>', 'reverberation time, seconds, as 0.4 or 0.3-0.6', t60Range)
    .option('--levels <db>', 'from the quietest to the loudest person at the most, dB', decibels, 8)
    .option('--interrupt <p>', 'share of changes where one breaks off the other', share, 0.08)
    .option('--overlap <p>', 'share of changes where two talk at once', share, 0.12)
    .option('--telephone', 'telephone band at the end: 300 to 3400 Hz, mu-law (the file has 16 kHz)')
    .action(async (name: string, flags: Flags) => {
      if (flags.interrupt + flags.overlap > 1) {
        throw new WhospeaksError(
          'invalid-option',
          '--interrupt and --overlap: shares of the same changes, 1 together at the most',
        );
      }
      const out = name.replace(/\.wav$/i, '');
      for (const ending of ['wav', 'rttm', 'json']) assertWritable(`${out}.${ending}`, '<out>');
      const talk = simulate({
        utterances: await utterancesIn(flags),
        seed: flags.seed,
        seconds: flags.seconds,
        noise: flags.noise === undefined ? [] : await clipsIn(flags.noise),
        levelSpreadDb: flags.levels,
        interruptProbability: flags.interrupt,
        overlapProbability: flags.overlap,
        telephone: flags.telephone ?? false,
        ...(flags.snr === undefined ? {} : { snrDb: flags.snr }),
        ...(flags.room === undefined ? {} : { t60Seconds: flags.room }),
      });
      const recording = basename(out).replace(/\s+/g, '_');
      await writeOutput(`${out}.wav`, wavBytes(talk.samples), '<out>');
      await writeOutput(
        `${out}.rttm`,
        writeRttm(talk.turns.map((turn) => ({ ...turn, recording }))),
        '<out>',
      );
      await writeOutput(`${out}.json`, `${JSON.stringify(talk.conditions, null, 2)}\n`, '<out>');
      const clipped = talk.samples.reduce((count, x) => count + Number(Math.abs(x) > 1), 0);
      if (clipped > 0) {
        process.stderr.write(
          `warning: ${clipped} samples of ${talk.samples.length} are too loud for the file and were clipped; ` +
            'ask for less spread of levels, or less noise\n',
        );
      }
      const people = new Set(talk.turns.map(({ speaker }) => speaker));
      process.stdout.write(
        `${out}.wav: ${talk.conditions.seconds.toFixed(1)} s, ${people.size} speakers, ${talk.turns.length} turns\n`,
      );
    });
}

async function utterancesIn({ voices, speakers, seed }: Flags): Promise<Utterance[]> {
  const folders = voiceFoldersIn(voices);
  if (folders.length === 0) {
    throw new WhospeaksError(
      'invalid-option',
      `--voices: ${voices} has no folder of recordings; make one for each speaker`,
    );
  }
  if (speakers !== undefined && speakers > folders.length) {
    throw new WhospeaksError(
      'invalid-option',
      `--speakers: ${speakers} wanted, ${folders.length} are in ${voices}`,
    );
  }
  const chosen = new Set(new Random(seed).shuffled(folders).slice(0, speakers));
  const utterances: Utterance[] = [];
  for (const { name: speaker, files } of folders.filter((each) => chosen.has(each))) {
    for (const name of files) utterances.push({ speaker, name, samples: await readAll(fromFile(name)) });
  }
  return utterances;
}

async function clipsIn(folder: string): Promise<Float32Array[]> {
  const clips: Float32Array[] = [];
  for (const file of recordingsIn(folder)) clips.push(await readAll(fromFile(file)));
  if (clips.length === 0) throw new WhospeaksError('invalid-option', `--noise: no recordings in ${folder}`);
  return clips;
}

function decibels(value: string): number {
  const db = Number(value);
  if (value.trim() === '' || !Number.isFinite(db)) throw new InvalidArgumentError('expected a number of dB.');
  return db;
}

function share(value: string): number {
  const p = Number(value);
  if (value.trim() === '' || !(p >= 0 && p <= 1))
    throw new InvalidArgumentError('expected a share from 0 to 1.');
  return p;
}

function t60Range(value: string): [number, number] {
  const parts = value.split('-').map(Number);
  const [low, high = low] = parts;
  if (parts.length > 2 || !(low! >= 0.1 && high! <= 2 && low! <= high!)) {
    throw new InvalidArgumentError('expected seconds from 0.1 to 2, or a range such as 0.3-0.6.');
  }
  return [low!, high!];
}
