import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readRttm, readUem, type Region, type RttmTurn, type Turn } from 'whospeaks/evaluate';
import { notsofarSessions } from './notsofar.js';

/** A recording of a folder, with its reference. */
export interface Reference {
  readonly id: string;
  readonly path: string;
  readonly turns: readonly Turn[];
  /** What a UEM file names; null: all of it. */
  readonly scored: readonly Region[] | null;
}

export interface LayoutOptions {
  /** Folder of the RTTM files, or one RTTM file; default: the folder of the sound. */
  readonly references?: string | undefined;
  /** Folder of UEM files, or one UEM file; default: `NAME.uem` beside `NAME.rttm`, where there is one. */
  readonly uem?: string | undefined;
  /** Which of several recordings of a meeting: a part of the file's name; of NOTSOFAR-1, of the device's. */
  readonly microphone?: string | undefined;
}

const AUDIO = /\.(wav|flac|mp3|opus|ogg|m4a)$/i;

/**
 * The recordings of a folder with their references, as the public downloads lay them out (docs/public-protocols.md): NAME.wav or
 * NAME.MICROPHONE.wav anywhere within it for each NAME.rttm, or the meetings of NOTSOFAR-1.
 */
export function referencesIn(
  folder: string,
  { references, uem, microphone }: LayoutOptions = {},
): Reference[] {
  const transcripts = filesUnder(folder, /^gt_transcription\.json$/);
  if (transcripts.length > 0) {
    if (references !== undefined || uem !== undefined)
      throw new Error(
        `${folder} holds its own references (gt_transcription.json): leave out --references and --uem`,
      );
    return notsofarSessions(transcripts.map(dirname), microphone);
  }
  const sounds = filesUnder(folder, AUDIO);
  const regions = uem === undefined ? null : uemRegions(uem);
  const seen = new Map<string, string>();
  const found = filesUnder(references ?? folder, /\.rttm$/).flatMap((file) =>
    recordingsOf(file).map(({ id, turns }): Reference => {
      const other = seen.get(id);
      if (other !== undefined)
        throw new Error(`${other} and ${file} both tell of ${id}: name the folder of one`);
      seen.set(id, file);
      return {
        id,
        path: soundOf(id, sounds, folder, microphone),
        turns,
        scored: scoredOf(id, file, regions),
      };
    }),
  );
  if (found.length === 0)
    throw new Error(
      `${folder} holds no pair of NAME.wav (flac, ...) and NAME.rttm; name the RTTM files' folder`,
    );
  return found;
}

/** Files of a folder and of those within it, in order; or the file itself. Archives made on a Mac hold `._NAME` too. */
function filesUnder(path: string, name: RegExp): string[] {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) throw new Error(`no such file or folder: ${path}`);
  if (!info.isDirectory()) return name.test(basename(path)) ? [path] : [];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(basename(file)) && !basename(file).startsWith('._'))
    .sort()
    .map((file) => join(path, file));
}

/** A file of one recording is called after it, whatever its lines say; one of several says which. */
function recordingsOf(file: string): { id: string; turns: readonly RttmTurn[] }[] {
  const turns = readRttm(readFileSync(file, 'utf8'), file);
  const names = [...new Set(turns.map(({ recording }) => recording))];
  if (names.length <= 1) return [{ id: basename(file, '.rttm'), turns }];
  return names.map((id) => ({ id, turns: turns.filter(({ recording }) => recording === id) }));
}

function soundOf(id: string, sounds: readonly string[], folder: string, microphone = ''): string {
  const named = (path: string): string => basename(path).replace(AUDIO, '');
  const exact = sounds.filter((path) => named(path) === id);
  const more = sounds.filter((path) => named(path).startsWith(`${id}.`));
  const fitting = (exact.length > 0 ? exact : more).filter((path) => named(path).includes(microphone));
  if (fitting.length === 1) return fitting[0]!;
  const list = (paths: readonly string[]): string => paths.map((path) => basename(path)).join(', ');
  throw new Error(
    fitting.length > 1
      ? `${folder} has several recordings of ${id}: ${list(fitting)}; choose with --microphone`
      : `${join(folder, id)}: an RTTM file without its sound${more.length > 0 ? `; there are ${list(more)}` : ''}`,
  );
}

function uemRegions(path: string): Map<string, Region[]> {
  const regions = new Map<string, Region[]>();
  for (const file of filesUnder(path, /\.uem$/)) {
    for (const region of readUem(readFileSync(file, 'utf8'), file))
      regions.set(region.recording, [...(regions.get(region.recording) ?? []), region]);
  }
  return regions;
}

function scoredOf(id: string, rttm: string, regions: ReadonlyMap<string, Region[]> | null): Region[] | null {
  if (regions !== null) {
    const own = regions.get(id);
    if (own === undefined) throw new Error(`--uem names no region of ${id}`);
    return own;
  }
  const beside = join(dirname(rttm), `${id}.uem`);
  return existsSync(beside) ? readUem(readFileSync(beside, 'utf8'), beside) : null;
}
