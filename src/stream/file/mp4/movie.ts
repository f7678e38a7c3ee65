import { WhospeaksError } from '../../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { mp4Boxes, type BoxBytes } from './boxes.js';
import { entryBytes, TableChecks, TABLES } from './tables.js';
import { Table } from './table.js';

/** What an MP4 says of one track. */
export interface Mp4Track {
  id: number;
  isEnabled: boolean;
  /** What kind of track it is: `soun` for audio. */
  handler: string;
  /** Ticks a second. */
  timescale: number;
  durationTicks: number;
  /** Its first sample description: how it is coded. */
  entry: { readonly format: string; readonly bytes: Buffer } | null;
  readonly tables: Map<string, Table>;
  /** Bytes of each sample where all have the same; 0 where a table tells. */
  sampleBytes: number;
  readonly edits: Edit[];
}

/** A part of a track in the order in which it is to be heard. */
export interface Edit {
  /** Ticks of the movie's timescale; 0 where it is not known. */
  readonly durationTicks: number;
  /** Where it begins in the track, ticks of the track's timescale; -1 for silence. */
  readonly mediaTicks: number;
}

export interface Movie {
  /** Ticks a second, of edits. */
  timescale: number;
  readonly tracks: Mp4Track[];
  /** Defaults of the samples of each track in fragments. */
  readonly fragmentDefaults: Map<number, { readonly durationTicks: number; readonly sampleBytes: number }>;
  isFragmented: boolean;
  /** The file ends inside a box. */
  isCut: boolean;
}

/** A sample description is of a few hundred bytes. */
const MAX_ENTRY_BYTES = 65_536;
const MAX_EDITS = 65_536;
/** Tables of samples that are read later on. */
const KEPT = new Set(['stts', 'stsc', 'stsz', 'stz2', 'stco', 'co64']);

/**
 * What an MP4 (ISO/IEC 14496-12) says of its tracks. All its tables are checked.
 *
 * @param start where the MP4 begins
 * @throws WhospeaksError `audio-corrupt`
 */
export async function readMovie(reader: ByteReader, start: number, sizeBytes: number): Promise<Movie> {
  const corrupt = corruptMp4(reader.name);
  const checks = new TableChecks(sizeBytes, corrupt);
  const movie: Movie = {
    timescale: 0,
    tracks: [],
    fragmentDefaults: new Map(),
    isFragmented: false,
    isCut: false,
  };
  for await (const { box, bytes } of mp4Boxes(reader, start, sizeBytes, corrupt)) {
    const { type, payloadBytes, isCut } = box;
    if (isCut && box.parent === '') movie.isCut = true;
    const count = await checks.see(box, bytes);
    const track = movie.tracks.at(-1);
    if (type === 'mvhd') movie.timescale = await timescaleOf(bytes);
    else if (type === 'trex') await readTrex(movie, bytes);
    else if (type === 'moof' || type === 'mvex') movie.isFragmented = true;
    else if (type === 'trak') movie.tracks.push(newTrack());
    else if (track === undefined) continue;
    else if (type === 'tkhd') await readTkhd(track, bytes);
    else if (type === 'mdhd') await readMdhd(track, bytes);
    else if (type === 'hdlr' && box.parent === 'mdia')
      track.handler = (await bytes.read(8, 4)).toString('latin1');
    else if (type === 'stsd')
      track.entry = readEntry(await bytes.read(8, Math.min(payloadBytes, MAX_ENTRY_BYTES)));
    else if (type === 'elst') track.edits.push(...(await readEdits(bytes, count ?? 0, corrupt)));
    else if (KEPT.has(type)) {
      const { head } = TABLES[type]!;
      const before = await bytes.read(0, head);
      if (type === 'stsz') track.sampleBytes = before.readUInt32BE(4);
      track.tables.set(type, new Table(bytes, head, entryBytes(type, before), count ?? 0));
    }
  }
  return movie;
}

export function corruptMp4(name: string): (what: string, cause?: unknown) => WhospeaksError {
  return (what, cause) =>
    new WhospeaksError('audio-corrupt', `${name} is a damaged or cut m4a file: ${what}`, { cause });
}

function newTrack(): Mp4Track {
  return {
    id: 0,
    isEnabled: false,
    handler: '',
    timescale: 0,
    durationTicks: 0,
    entry: null,
    tables: new Map(),
    sampleBytes: 0,
    edits: [],
  };
}

/** Full boxes have two versions: of times of 32 and of 64 bits. */
async function isLong(bytes: BoxBytes): Promise<boolean> {
  return (await bytes.read(0, 1))[0] === 1;
}

async function timescaleOf(bytes: BoxBytes): Promise<number> {
  return (await bytes.read((await isLong(bytes)) ? 20 : 12, 4)).readUInt32BE(0);
}

async function readTkhd(track: Mp4Track, bytes: BoxBytes): Promise<void> {
  track.isEnabled = ((await bytes.read(3, 1))[0]! & 1) !== 0;
  track.id = (await bytes.read((await isLong(bytes)) ? 20 : 12, 4)).readUInt32BE(0);
}

async function readMdhd(track: Mp4Track, bytes: BoxBytes): Promise<void> {
  track.timescale = await timescaleOf(bytes);
  const duration = (await isLong(bytes))
    ? Number((await bytes.read(24, 8)).readBigUInt64BE(0))
    : (await bytes.read(16, 4)).readUInt32BE(0);
  track.durationTicks = duration >= 2 ** 32 - 1 ? 0 : duration;
}

async function readTrex(movie: Movie, bytes: BoxBytes): Promise<void> {
  const fields = await bytes.read(4, 16);
  movie.fragmentDefaults.set(fields.readUInt32BE(0), {
    durationTicks: fields.readUInt32BE(8),
    sampleBytes: fields.readUInt32BE(12),
  });
}

function readEntry(bytes: Buffer): Mp4Track['entry'] {
  const size = Math.min(bytes.length, bytes.readUInt32BE(0));
  return { format: bytes.toString('latin1', 4, 8), bytes: bytes.subarray(0, size) };
}

async function readEdits(
  bytes: BoxBytes,
  count: number,
  corrupt: (what: string) => WhospeaksError,
): Promise<Edit[]> {
  if (count > MAX_EDITS) throw corrupt(`its edit list counts ${count} edits`);
  const long = await isLong(bytes);
  const table = new Table(bytes, 8, long ? 20 : 12, count);
  const edits: Edit[] = [];
  for (let i = 0; i < count; i++) {
    const row = await table.row(i);
    edits.push(
      long
        ? { durationTicks: Number(row.readBigUInt64BE(0)), mediaTicks: Number(row.readBigInt64BE(8)) }
        : { durationTicks: row.readUInt32BE(0), mediaTicks: row.readInt32BE(4) },
    );
  }
  return edits;
}
