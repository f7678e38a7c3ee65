import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromFile, readAll } from 'whospeaks';
import type { Utterance } from 'whospeaks/evaluate';

export type Half = 'tune' | 'report';

/** Recordings that a voice is enrolled from; the others are what it says in conversations. */
const ENROLMENT_UTTERANCES = 2;
const AUDIO = /\.(flac|wav|mp3|opus|ogg|m4a)$/;

/** Somebody of whom there are clean recordings. */
export interface Voice {
  readonly name: string;
  /** Paths of recordings. */
  readonly enrolment: readonly string[];
  readonly utterances: readonly string[];
}

/**
 * The voices of `DIR/librispeech/SPEAKER/*` and `DIR/speechocean/SPEAKER/*`, in two halves that share nobody:
 * every second speaker of each corpus, in order of name, is there to tune on, the others to report on.
 */
export function voicesOf(audio: string, half: Half): Voice[] {
  return ['librispeech', 'speechocean'].flatMap((corpus) =>
    namesIn(join(audio, corpus))
      .filter((_, i) => (i % 2 === 1) === (half === 'tune'))
      .map((folder) => {
        const files = namesIn(join(audio, corpus, folder))
          .filter((file) => AUDIO.test(file))
          .map((file) => join(audio, corpus, folder, file));
        return {
          name: `${corpus[0]!}${folder}`,
          enrolment: files.slice(0, ENROLMENT_UTTERANCES),
          utterances: files.slice(ENROLMENT_UTTERANCES),
        };
      }),
  );
}

/** What a voice says, decoded. */
export function utterancesOf(voice: Voice): Promise<Utterance[]> {
  return Promise.all(
    voice.utterances.map(async (file) => ({
      speaker: voice.name,
      name: file,
      samples: await readAll(fromFile(file)),
    })),
  );
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
