import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromFile, readAll } from 'whospeaks';
import { Random, simulate, wavBytes, writeRttm, type Utterance } from 'whospeaks/evaluate';
import { noiseOf, voicesOf } from '../accuracy/cast.js';
import { conversations, T60_SECONDS } from '../accuracy/conversations.js';
import { render } from '../accuracy/recordings.js';

/** Simulated conversations with their truth, as WAV and RTTM files, for any system to be run on. */

const SNRS_DB = [30, 20, 10];

/** Kinds of conversations: how long at the most, and of how many utterances of each speaker. */
const LENGTHS = {
  short: { seconds: 45, utterances: 4 },
  usual: { seconds: 150, utterances: 8 },
  long: { seconds: 900, utterances: 40 },
} as const;

interface Spec {
  readonly id: string;
  readonly seed: number;
  readonly speakers: number;
  readonly length: keyof typeof LENGTHS;
}

function save(folder: string, id: string, talk: { samples: Float32Array; turns: readonly object[] }): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${id}.wav`), wavBytes(talk.samples));
  const turns = (talk.turns as Parameters<typeof writeRttm>[0]).map((turn) => ({ ...turn, recording: id }));
  writeFileSync(join(folder, `${id}.rttm`), writeRttm(turns));
}

/** The thirty conversations of one half of the readers, as `npm run accuracy` has them. */
export async function saveReaders(audio: string, half: 'tune' | 'report', folder: string): Promise<void> {
  const voices = voicesOf(audio, half);
  const noise = await noiseOf(audio, half);
  for (const spec of conversations(half)) {
    if (!existsSync(join(folder, `${spec.id}.rttm`)))
      save(folder, spec.id, await render(spec, voices, noise));
  }
}

/**
 * Conversations to choose settings on: training speakers who are held out of every training, and the voices of `audio-dev`.
 * None of them is in any table.
 */
export async function saveHeldOut(shared: string, folder: string): Promise<void> {
  const noise = await noiseOf(join(shared, 'audio'), 'tune');
  const heldOut = heldOutVoices(join(shared, 'train'));
  const coswara = coswaraVoices(join(shared, 'audio-dev/coswara'));
  for (const [corpus, voices, counts] of [
    ['commonvoice', heldOut.get('commonvoice')!, { usual: 8, long: 4, short: 4 }],
    ['speechocean', heldOut.get('speechocean')!, { usual: 6, long: 3, short: 4 }],
    ['coswara', coswara, { usual: 6 }],
  ] as const) {
    for (const [length, count] of Object.entries(counts) as ['usual' | 'long' | 'short', number][]) {
      for (let i = 0; i < count; i++) {
        const id = `${corpus}-${length}-${i + 1}`;
        const speakers = length === 'short' ? 2 + (i % 2) : length === 'long' ? 4 + (i % 3) : 2 + (i % 5);
        const seed = 70_000 + 100 * corpus.length + 1000 * Object.keys(LENGTHS).indexOf(length) + i;
        save(join(folder, length), id, await conversation({ id, seed, speakers, length }, voices, noise, i));
      }
    }
  }
}

async function conversation(
  { seed, speakers, length }: Spec,
  voices: readonly (readonly (() => Promise<Utterance>)[])[],
  noise: readonly Float32Array[],
  i: number,
) {
  const random = new Random(seed);
  const left = [...voices];
  const cast = Array.from(
    { length: speakers },
    () => left.splice(Math.floor(random.next() * left.length), 1)[0]!,
  );
  const utterances = await Promise.all(
    cast.flatMap((own) => own.slice(0, LENGTHS[length].utterances).map((load) => load())),
  );
  return simulate({
    utterances,
    noise,
    seconds: LENGTHS[length].seconds,
    seed,
    snrDb: SNRS_DB[i % SNRS_DB.length]!,
    ...(i % 2 === 1 ? { t60Seconds: T60_SECONDS } : {}),
  });
}

/** Held-out speakers of four utterances or more, by corpus. */
function heldOutVoices(train: string): Map<string, (() => Promise<Utterance>)[][]> {
  const rows = (path: string): string[][] =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'));
  const corpusOf = new Map(
    rows('training/held-out.tsv')
      .filter(([, , , clips]) => Number(clips) >= 4)
      .map(([speaker, corpus]) => [speaker!, corpus!]),
  );
  const files = new Map<string, Promise<Float32Array>>();
  const bySpeaker = new Map<string, (() => Promise<Utterance>)[]>();
  for (const [file, speaker, start, length] of rows(join(train, 'clips.tsv'))) {
    if (!corpusOf.has(speaker!)) continue;
    const load = async (): Promise<Utterance> => {
      if (!files.has(file!)) files.set(file!, readAll(fromFile(join(train, file!))));
      const whole = await files.get(file!)!;
      return {
        speaker: speaker!,
        name: `${file}:${start}`,
        samples: whole.slice(Number(start), Number(start) + Number(length)),
      };
    };
    bySpeaker.set(speaker!, [...(bySpeaker.get(speaker!) ?? []), load]);
  }
  const byCorpus = new Map<string, (() => Promise<Utterance>)[][]>();
  for (const [speaker, utterances] of [...bySpeaker].sort()) {
    const corpus = corpusOf.get(speaker)!;
    byCorpus.set(corpus, [...(byCorpus.get(corpus) ?? []), utterances]);
  }
  return byCorpus;
}

/** A clip of counting, cut into stretches of a few seconds. */
const STRETCH_SAMPLES = 4 * 16_000;

function coswaraVoices(folder: string): (() => Promise<Utterance>)[][] {
  const voices = [];
  for (const speaker of readdirSync(folder).sort()) {
    const utterances: (() => Promise<Utterance>)[] = [];
    for (const file of readdirSync(join(folder, speaker)).sort()) {
      const path = join(folder, speaker, file);
      for (let stretch = 0; stretch < 4; stretch++) {
        utterances.push(async () => {
          const samples = await readAll(fromFile(path));
          const pieces = Math.max(1, Math.min(4, Math.floor(samples.length / STRETCH_SAMPLES)));
          const at = Math.floor((samples.length * (stretch % pieces)) / pieces);
          return {
            speaker,
            name: `${file}:${stretch}`,
            samples: samples.slice(at, Math.floor(at + samples.length / pieces)),
          };
        });
      }
    }
    voices.push(utterances);
  }
  return voices;
}
