import { existsSync, statSync } from 'node:fs';
import { WhospeaksError } from '../../errors.js';
import type { TranscriptFormat } from '../../transcript/formats/index.js';
import { rttmName } from '../../transcript/rttm.js';
import { recordingName } from '../listen-output.js';
import { transcriptFiles } from '../transcript-output.js';
import { recordingsIn } from '../voice-folders.js';

export interface Recording {
  readonly path: string;
  /** The file's name without its extension. */
  readonly name: string;
  /** Bytes, as a measure of the work; 0 of a file that is not there, which fails when its turn comes. */
  readonly bytes: number;
}

/**
 * The recordings that files and folders name, in order, each once.
 * @throws {WhospeaksError} `file-not-found`: a folder without recordings
 */
export function recordingsOf(paths: readonly string[]): Recording[] {
  const files = paths.flatMap((path) => {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
    const found = recordingsIn(path);
    if (found.length > 0) return found;
    throw new WhospeaksError('file-not-found', `no recordings in the folder ${path}; name the files`);
  });
  return [...new Set(files)].map((path) => ({
    path,
    name: recordingName(path),
    bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
  }));
}

/**
 * Two recordings of one name would overwrite each other's files, and be one recording in RTTM.
 * @throws {WhospeaksError} `invalid-option`
 */
export function assertDistinctRecordings(recordings: readonly Recording[]): void {
  const byName = new Map<string, Recording>();
  for (const recording of recordings) {
    const name = rttmName(recording.name);
    const other = byName.get(name);
    if (other !== undefined) {
      throw new WhospeaksError(
        'invalid-option',
        `${other.path} and ${recording.path} are both called ${name}; rename one, or run them apart`,
      );
    }
    byName.set(name, recording);
  }
}

/** Whether all files of the recording are there; files are written whole or not at all. */
export function isDone(recording: Recording, outDir: string, formats: readonly TranscriptFormat[]): boolean {
  return transcriptFiles(outDir, recording.name, formats).every(({ path }) => existsSync(path));
}
