import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromFile, readAll } from 'whospeaks';
import { wavBytes } from 'whospeaks/evaluate';
import { voicesOf, type Half, type Voice } from '../accuracy/cast.js';

/** Voices who are in no cohort and in no training set. */
export interface VoiceSet {
  readonly name: string;
  /** Paths of recordings of each half, which share nobody; both halves are of the same corpora. */
  readonly halves: Record<Half, readonly Voice[]>;
}

/** What is said in one go is cut into pieces of so many seconds, in turn. */
const PIECE_SECONDS = [4, 3, 5, 2.5];
const SHORTEST_SECONDS = 2;
/** Pieces of one recording. */
const MOST_PIECES = 4;
/** Pieces of a speaker's first recording that the voice is enrolled from; no other piece of that recording is used. */
const ENROLMENT_PIECES = 2;

/** The utterances of `audio`, and those of `dev` cut into pieces, which are written to `scratch` once. */
export async function voiceSets(audio: string, dev: string, scratch: string): Promise<VoiceSet[]> {
  return [
    {
      name: 'LibriSpeech, speechocean762',
      halves: { tune: voicesOf(audio, 'tune'), report: voicesOf(audio, 'report') },
    },
    { name: 'Coswara', halves: await devVoices(join(dev, 'coswara'), join(scratch, 'coswara')) },
    {
      name: 'Arabic Speech Commands',
      halves: await devVoices(join(dev, 'arabiccommands'), join(scratch, 'arabiccommands')),
    },
  ];
}

async function devVoices(corpus: string, scratch: string): Promise<VoiceSet['halves']> {
  const halves: Record<Half, Voice[]> = { tune: [], report: [] };
  for (const [i, speaker] of readdirSync(corpus).sort().entries()) {
    const [first, ...others] = readdirSync(join(corpus, speaker)).sort();
    // With one recording there is none to compare it with.
    if (first === undefined || others.length === 0) continue;
    const cut = (file: string): Promise<string[]> =>
      pieces(join(corpus, speaker, file), join(scratch, speaker));
    const voice = {
      name: speaker,
      enrolment: (await cut(first)).slice(0, ENROLMENT_PIECES),
      utterances: (await Promise.all(others.map(cut))).flat(),
    };
    if (voice.enrolment.length > 0 && voice.utterances.length > 0)
      halves[i % 2 === 1 ? 'tune' : 'report'].push(voice);
  }
  return halves;
}

/** Paths of what a recording is cut into. */
async function pieces(path: string, folder: string): Promise<string[]> {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  const done = join(folder, `${name}.done`);
  if (!existsSync(done)) {
    mkdirSync(folder, { recursive: true });
    const samples = await readAll(fromFile(path));
    let at = 0;
    for (let i = 0; i < MOST_PIECES; i++) {
      const piece = samples.slice(at, at + 16_000 * PIECE_SECONDS[i % PIECE_SECONDS.length]!);
      if (piece.length < 16_000 * SHORTEST_SECONDS) break;
      writeFileSync(join(folder, `${name}-${i}.wav`), wavBytes(piece));
      at += piece.length;
    }
    writeFileSync(done, '');
  }
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}-`))
    .sort()
    .map((file) => join(folder, file));
}
