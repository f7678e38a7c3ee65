import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  diarize,
  enroll,
  fromFile,
  fromSamples,
  readAll,
  type Diarization,
  type Profile,
  type SpeakerModel,
  type Word,
} from 'whospeaks';
import { simulate, type Utterance } from 'whospeaks/evaluate';
import { speechRegions } from '../../src/evaluate/simulate/level.js';
import { Random } from '../../src/acoustics/random.js';
import { SegmentationModel } from '../../src/native/segmentation-model.js';
import { noiseOf } from '../accuracy/cast.js';
import { T60_SECONDS } from '../accuracy/conversations.js';
import { codeFingerprint, type Cache } from '../accuracy/embed.js';

/** A word and who says it, in truth: `speaker` is the voice's name. */
export type SaidWord = Word & { readonly speaker: string };

/** A simulated conversation whose words are known, and what `diarize` says of it. */
export interface Conversation {
  readonly id: string;
  readonly samples: Float32Array;
  /** In order of start. */
  readonly words: readonly SaidWord[];
  readonly diarization: Diarization;
}

/** What recogniser's words of single utterances are called: `librispeech/367/367-130732-0000.flac`. */
export type UtteranceWords = ReadonlyMap<string, readonly Word[]>;

const SECONDS = 120;
/** Of each speaker, for the enrolment alone. */
const ENROLMENT_UTTERANCES = 2;
/** Of the shorter of two words: so much of it at once with a louder one, and it is not recognised. */
const SHARED = 0.3;
/** Of recognisers' times: a standard deviation. */
const TIME_ERROR_SECONDS = 0.06;
const SNRS_DB = [30, 20, 10] as const;
/** Quicker than `simulate` has it by default: changes are what is measured. */
const LIVELY = {
  continueProbability: 0.2,
  interruptProbability: 0.15,
  overlapProbability: 0.25,
  pauseSeconds: [0, 0.6],
} as const;
const FIRST_SEED = { speechocean: 320_000, librispeech: 310_000 };
export type Corpus = keyof typeof FIRST_SEED;

/** The lines of `recognise.py`. @param path a JSON object a line */
export function readUtteranceWords(path: string): UtteranceWords {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return new Map(
    lines.map((line) => {
      const { path: file, words } = JSON.parse(line) as { path: string; words: Word[] };
      return [nameOf(file), words];
    }),
  );
}

function nameOf(path: string): string {
  return path.split('/').slice(-3).join('/');
}

/** Two to five speakers each, in a room or none, at three levels of noise. */
export async function wordConversations(
  corpus: Corpus,
  count: number,
  {
    audio,
    spoken,
    model,
    cache,
  }: { audio: string; spoken: UtteranceWords; model: SpeakerModel; cache: Cache },
): Promise<Conversation[]> {
  const noise = await noiseOf(audio, corpus === 'speechocean' ? 'tune' : 'report');
  const utterances = new Map<string, Utterance[]>();
  for (const name of [...spoken.keys()].sort()) {
    const [folder, speaker] = name.split('/') as [string, string];
    if (folder !== corpus || spoken.get(name)!.length === 0) continue;
    const samples = await readAll(fromFile(join(audio, name)));
    utterances.set(speaker, [...(utterances.get(speaker) ?? []), { speaker, name, samples }]);
  }
  const segmentation = await SegmentationModel.bundled();
  const code = codeFingerprint(['src/clustering', 'src/acoustics', 'src/evaluate/simulate']);
  const made: Conversation[] = [];
  const enrolled = (own: readonly Utterance[]): Promise<Profile> =>
    cache.get(['words enrolled', model.fingerprint, own.map(({ name }) => name)], () =>
      enroll(model, { name: own[0]!.speaker, sources: own.map(({ samples }) => fromSamples(samples)) }),
    );
  try {
    for (let i = 0; i < count; i++) {
      const seed = FIRST_SEED[corpus] + i;
      const cast = new Random(seed).shuffled([...utterances.values()]).slice(0, 2 + (i % 4));
      const profiles = await Promise.all(cast.map((own) => enrolled(own.slice(0, ENROLMENT_UTTERANCES))));
      const said = cast.flatMap((own) => own.slice(ENROLMENT_UTTERANCES));
      const { samples, conditions } = simulate({
        utterances: said,
        noise,
        seconds: SECONDS,
        seed,
        snrDb: SNRS_DB[i % SNRS_DB.length]!,
        ...LIVELY,
        ...(i % 2 === 1 ? { t60Seconds: T60_SECONDS } : {}),
      });
      const sounds = new Map(said.map(({ name, samples: sound }) => [name, sound]));
      const levels = new Map(conditions.speakers.map(({ speaker, levelDb }) => [speaker, levelDb]));
      const words = recognised(
        conditions.utterances.flatMap((placed) =>
          placedWords(placed, spoken.get(placed.name)!, sounds.get(placed.name)!),
        ),
        levels,
        new Random(seed),
      );
      const diarization = await cache.get(
        ['words', code, model.fingerprint, corpus, seed, SECONDS, LIVELY, ENROLMENT_UTTERANCES],
        () => diarize(model, fromSamples(samples), { segmentation, profiles }),
      );
      made.push({ id: `${corpus}-${i + 1}`, samples, words, diarization });
    }
  } finally {
    segmentation.close();
  }
  return made;
}

/** The words of an utterance where it lies in the conversation, without those that an interruption cut off. */
function placedWords(
  placed: { readonly speaker: string; readonly startSeconds: number; readonly endSeconds: number },
  words: readonly Word[],
  sound: Float32Array,
): SaidWord[] {
  const cutSeconds = speechRegions(sound)[0]!.startSeconds;
  const offset = placed.startSeconds - cutSeconds;
  return words
    .map(({ text, start, end }) => ({
      text,
      start: Math.max(placed.startSeconds, start + offset),
      end: Math.min(placed.endSeconds, end + offset),
      speaker: placed.speaker,
      middle: (start + end) / 2 + offset,
    }))
    .filter(({ start, middle, end }) => end > start && middle < placed.endSeconds)
    .map(({ middle, ...word }) => word);
}

/**
 * The words as one recogniser would tell them: of two that are said at once the louder one, and times that are inexact.
 * @param levels of the speakers, dB
 */
function recognised(
  words: readonly SaidWord[],
  levels: ReadonlyMap<string, number>,
  random: Random,
): SaidWord[] {
  const isDrowned = (word: SaidWord): boolean =>
    words.some((other) => {
      const shared = Math.min(word.end, other.end) - Math.max(word.start, other.start);
      const isLouder = levels.get(other.speaker)! > levels.get(word.speaker)!;
      return isLouder && shared > SHARED * Math.min(word.end - word.start, other.end - other.start);
    });
  let at = 0;
  return words
    .filter((word) => !isDrowned(word))
    .sort((a, b) => a.start - b.start)
    .map((word) => {
      const start = Math.max(at, word.start + TIME_ERROR_SECONDS * random.normal());
      at = start;
      return { ...word, start, end: Math.max(start + 0.02, word.end + TIME_ERROR_SECONDS * random.normal()) };
    });
}
