import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WhospeaksError } from '../errors.js';

const AUDIO = /\.(wav|flac|mp3|ogg|oga|opus|m4a|m4b|mp4|mov|aac|webm|mkv|mka)$/i;

/** Recordings of one voice. */
export interface VoiceFolder {
  /** The folder's name. */
  readonly name: string;
  /** Paths, in order of name; one or more. */
  readonly files: readonly string[];
}

/** Paths of the recordings in a folder, in order of name. @throws WhospeaksError `file-not-found` */
export function recordingsIn(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => AUDIO.test(name))
    .map((name) => join(folder, name));
}

/** The same of a folder and all folders within it. @throws WhospeaksError `file-not-found` */
export function recordingsUnder(folder: string): string[] {
  return namesIn(folder, { recursive: true })
    .filter((name) => AUDIO.test(name))
    .map((name) => join(folder, name));
}

/**
 * The folders within a folder that hold recordings, in order of name; `within`: also those with recordings only in folders of theirs.
 * @throws WhospeaksError `file-not-found`
 */
export function voiceFoldersIn(folder: string, { within = false } = {}): VoiceFolder[] {
  return namesIn(folder)
    .filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory())
    .map((name) => ({ name, files: (within ? recordingsUnder : recordingsIn)(join(folder, name)) }))
    .filter(({ files }) => files.length > 0);
}

function namesIn(folder: string, { recursive = false } = {}): string[] {
  try {
    return readdirSync(folder, { recursive, encoding: 'utf8' }).sort();
  } catch (cause) {
    throw new WhospeaksError('file-not-found', `cannot read the folder ${folder}; check the path`, { cause });
  }
}
