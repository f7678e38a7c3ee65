import type { WhospeaksError } from '../../../errors.js';
import type { Box, BoxBytes } from './boxes.js';
import { Table } from './table.js';

/** Tables of entries of one size: bytes before them (the last four are their count), and of each, at least. */
export const TABLES: Record<
  string,
  { readonly parent: string; readonly head: number; readonly entry: number }
> = {
  stts: { parent: 'stbl', head: 8, entry: 8 },
  ctts: { parent: 'stbl', head: 8, entry: 8 },
  stsc: { parent: 'stbl', head: 8, entry: 12 },
  stco: { parent: 'stbl', head: 8, entry: 4 },
  co64: { parent: 'stbl', head: 8, entry: 8 },
  stss: { parent: 'stbl', head: 8, entry: 4 },
  stsz: { parent: 'stbl', head: 12, entry: 0 },
  stz2: { parent: 'stbl', head: 12, entry: 0 },
  elst: { parent: 'edts', head: 8, entry: 12 },
  trun: { parent: 'traf', head: 8, entry: 0 },
  tfra: { parent: 'mfra', head: 16, entry: 11 },
  stbl: { parent: 'minf', head: 0, entry: 0 },
};
/** Flags of a track run that each give its samples a field of four bytes (ISO/IEC 14496-12, 8.8.8). */
const RUN_FIELDS = [0x100, 0x200, 0x400, 0x800];
/** A table may be of a few samples or chunks more than another: writers differ. */
const SLACK = 1024;

/** What the tables of one track say. */
interface Track {
  readonly seen: Set<string>;
  samples: number;
  /** Samples that stts, or ctts, gives times to. */
  timed: number;
  chunks: number;
  /** Samples in the chunks before `lastChunk`. */
  inChunks: number;
  /** The chunk from which on all are as the last one in stsc is, and the samples of such a one. */
  lastChunk: number;
  samplesPerChunk: number;
}

/**
 * Checks what the tables of an MP4 count before anybody believes them: against their boxes, each other and the size
 * of the file. A few bytes there may stand for thousands of millions of samples.
 */
export class TableChecks {
  readonly #sizeBytes: number;
  readonly #corrupt: (what: string) => WhospeaksError;
  #track = newTrack();
  #inFragments = 0;

  constructor(sizeBytes: number, corrupt: (what: string) => WhospeaksError) {
    this.#sizeBytes = sizeBytes;
    this.#corrupt = corrupt;
  }

  /**
   * The next box of the file.
   *
   * @returns entries of the table; null where it is none
   * @throws what `corrupt` makes
   */
  async see(box: Box, bytes: BoxBytes): Promise<number | null> {
    const corrupt = this.#corrupt;
    const table = TABLES[box.type];
    if (table === undefined) return null;
    if (table.parent !== box.parent) throw corrupt(`its table ${box.type} is where none can be`);
    if (box.type === 'stbl') {
      this.#track = newTrack();
      return null;
    }
    const head = await bytes.read(0, table.head);
    const count = head.readUInt32BE(table.head - 4);
    if (table.head + count * entryBytes(box.type, head) > box.payloadBytes) {
      throw corrupt(`its table ${box.type} counts ${count} entries, which it has no room for`);
    }
    if (box.type === 'trun') this.#inFragments += count;
    // Whatever its entries take, each sample takes a byte.
    if (Math.max(count, this.#inFragments) > this.#sizeBytes) {
      throw corrupt(`its table ${box.type} counts ${count} samples in a file of ${this.#sizeBytes} bytes`);
    }
    if (table.parent !== 'stbl') return count;
    const track = this.#track;
    if (track.seen.has(box.type)) throw corrupt(`it has two tables ${box.type} of one track`);
    track.seen.add(box.type);
    await readTable(track, box, bytes, count, corrupt);
    assertAgree(track, corrupt);
    return count;
  }
}

/** Bytes of an entry, by the bytes before the entries. */
export function entryBytes(type: string, head: Buffer): number {
  if (type === 'elst') return head[0] === 1 ? 20 : 12;
  if (type === 'stsz') return head.readUInt32BE(4) === 0 ? 4 : 0;
  if (type === 'stz2') return head[7]! / 8;
  if (type === 'trun') {
    const flags = head.readUIntBE(1, 3);
    return 4 * RUN_FIELDS.filter((field) => (flags & field) !== 0).length;
  }
  return TABLES[type]!.entry;
}

function newTrack(): Track {
  return { seen: new Set(), samples: 0, timed: 0, chunks: 0, inChunks: 0, lastChunk: 1, samplesPerChunk: 0 };
}

async function readTable(
  track: Track,
  { type }: Box,
  bytes: BoxBytes,
  count: number,
  corrupt: (what: string) => WhospeaksError,
): Promise<void> {
  const table = new Table(bytes, TABLES[type]!.head, TABLES[type]!.entry, count);
  if (type === 'stsz' || type === 'stz2') track.samples = count;
  else if (type === 'stco' || type === 'co64') track.chunks = count;
  else if (type === 'stts' || type === 'ctts') {
    let timed = 0;
    for (let i = 0; i < count; i++) timed += (await table.row(i)).readUInt32BE(0);
    track.timed = Math.max(track.timed, timed);
  } else if (type === 'stsc') {
    for (let i = 0; i < count; i++) {
      const row = await table.row(i);
      const chunk = row.readUInt32BE(0);
      if (chunk < track.lastChunk) throw corrupt('its table stsc is not in order');
      track.inChunks += (chunk - track.lastChunk) * track.samplesPerChunk;
      track.lastChunk = chunk;
      track.samplesPerChunk = row.readUInt32BE(4);
    }
  }
}

function assertAgree(track: Track, corrupt: (what: string) => WhospeaksError): void {
  const { seen, samples, timed, chunks, inChunks, lastChunk, samplesPerChunk } = track;
  if (!seen.has('stsz') && !seen.has('stz2')) return;
  if (timed > samples + SLACK) throw corrupt(`it gives times to ${timed} samples, of ${samples}`);
  if (!seen.has('stsc') || !(seen.has('stco') || seen.has('co64'))) return;
  if (lastChunk > chunks + SLACK) throw corrupt(`it says what is in chunk ${lastChunk}, of ${chunks}`);
  const total = inChunks + Math.max(0, chunks + 1 - lastChunk) * samplesPerChunk;
  if (Math.max(total, samplesPerChunk) > samples + SLACK) {
    throw corrupt(`its chunks have room for ${Math.max(total, samplesPerChunk)} samples, of ${samples}`);
  }
}
