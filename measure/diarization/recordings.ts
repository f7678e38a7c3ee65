import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRttm, type Turn } from 'whospeaks/evaluate';

/** A recording of a folder, with its reference. */
export interface Reference {
  readonly id: string;
  readonly path: string;
  readonly turns: readonly Turn[];
}

const AUDIO = ['wav', 'flac', 'mp3', 'opus', 'ogg', 'm4a'];

/** Each audio file of a folder that has an RTTM file of its name beside it. */
export function referencesIn(folder: string): Reference[] {
  const references = readdirSync(folder)
    .filter((file) => file.endsWith('.rttm'))
    .sort()
    .map((file) => {
      const id = file.slice(0, -'.rttm'.length);
      const path = AUDIO.map((ending) => join(folder, `${id}.${ending}`)).find(existsSync);
      if (path === undefined) throw new Error(`${join(folder, id)}: an RTTM file without its sound`);
      return { id, path, turns: readRttm(readFileSync(join(folder, file), 'utf8'), id) };
    });
  if (references.length === 0)
    throw new Error(`${folder} holds no pair of NAME.wav (flac, ...) and NAME.rttm`);
  return references;
}
