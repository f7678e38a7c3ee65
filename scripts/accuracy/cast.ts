import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromFile, readAll, type Utterance } from 'whospeaks';

export type Half = 'tune' | 'report';

/** Recordings that a voice is enrolled from; the others are what it says in conversations. */
const ENROLMENT_UTTERANCES = 2;
const AUDIO = /\.(flac|wav|mp3|opus|ogg|m4a)$/;

/** Somebody of whom there are clean recordings. */
export interface Voice {
  readonly name: string;
  readonly enrolment: readonly Float32Array[];
  readonly utterances: readonly Utterance[];
}

/**
 * The voices of `DIR/librispeech/SPEAKER/*` and `DIR/speechocean/SPEAKER/*`, in two halves that share nobody:
 * every second speaker of each corpus, in order of name, is there to tune on, the others to report on.
 */
export async function voicesOf(audio: string, half: Half): Promise<Voice[]> {
  const voices: Voice[] = [];
  for (const corpus of ['librispeech', 'speechocean']) {
    const folders = namesIn(join(audio, corpus));
    for (const folder of folders.filter((_, i) => (i % 2 === 1) === (half === 'tune'))) {
      const name = `${corpus[0]!}${folder}`;
      const said: Utterance[] = [];
      for (const file of namesIn(join(audio, corpus, folder)).filter((f) => AUDIO.test(f))) {
        const samples = await readAll(fromFile(join(audio, corpus, folder, file)));
        said.push({ speaker: name, name: `${corpus}/${folder}/${file}`, samples });
      }
      voices.push({
        name,
        enrolment: said.slice(0, ENROLMENT_UTTERANCES).map(({ samples }) => samples),
        utterances: said.slice(ENROLMENT_UTTERANCES),
      });
    }
  }
  return voices;
}

/** Noise clips, every second one for each half. */
export async function noiseOf(audio: string, half: Half): Promise<Float32Array[]> {
  const files = namesIn(join(audio, 'noise')).filter((f) => AUDIO.test(f));
  const chosen = files.filter((_, i) => (i % 2 === 1) === (half === 'tune'));
  return Promise.all(chosen.map((file) => readAll(fromFile(join(audio, 'noise', file)))));
}

function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}
