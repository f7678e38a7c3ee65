import type { ByteReader } from '../byte-reader.js';
import { mp4Boxes, type BoxBytes } from './boxes.js';
import { corruptMp4, type Movie, type Mp4Track } from './movie.js';
import { entryBytes } from './tables.js';
import { Table } from './table.js';

/** A sample of a track: for audio, a packet. */
export interface Mp4Sample {
  /** In the file. */
  readonly offset: number;
  readonly bytes: number;
  /** Ticks of the track's timescale. */
  readonly timeTicks: number;
  readonly durationTicks: number;
}

/** The samples of a track in order: those of its tables, then those of fragments. */
export async function* mp4Samples(
  reader: ByteReader,
  start: number,
  sizeBytes: number,
  movie: Movie,
  track: Mp4Track,
): AsyncGenerator<Mp4Sample, void, undefined> {
  let endTicks = 0;
  for await (const sample of tableSamples(track, start)) {
    endTicks = sample.timeTicks + sample.durationTicks;
    yield sample;
  }
  if (movie.isFragmented) yield* fragmentSamples(reader, start, sizeBytes, movie, track, endTicks);
}

async function* tableSamples(
  { tables, sampleBytes }: Mp4Track,
  start: number,
): AsyncGenerator<Mp4Sample, void, undefined> {
  const [times, inChunks] = [tables.get('stts'), tables.get('stsc')];
  const sizes = tables.get('stsz') ?? tables.get('stz2');
  const chunks = tables.get('stco') ?? tables.get('co64');
  if (!sizes || !chunks || !inChunks || inChunks.count === 0) return;
  let timeTicks = 0;
  let durationTicks = 0;
  let [timeRow, leftOfTime] = [0, 0];
  let [chunkRow, perChunk] = [0, 0];
  let sample = 0;
  for (let chunk = 1; chunk <= chunks.count && sample < sizes.count; chunk++) {
    const at = await chunks.row(chunk - 1);
    let offset = start + (at.length === 8 ? Number(at.readBigUInt64BE(0)) : at.readUInt32BE(0));
    for (; chunkRow < inChunks.count; chunkRow++) {
      const row = await inChunks.row(chunkRow);
      if (row.readUInt32BE(0) > chunk) break;
      perChunk = row.readUInt32BE(4);
    }
    for (let i = 0; i < perChunk && sample < sizes.count; i++, sample++) {
      while (times && leftOfTime === 0 && timeRow < times.count) {
        const row = await times.row(timeRow++);
        leftOfTime = row.readUInt32BE(0);
        durationTicks = row.readUInt32BE(4);
      }
      const bytes = sampleBytes > 0 ? sampleBytes : await sizeOf(sizes, sample);
      yield { offset, bytes, timeTicks, durationTicks };
      offset += bytes;
      timeTicks += durationTicks;
      if (leftOfTime > 0) leftOfTime -= 1;
    }
  }
}

async function sizeOf(sizes: Table, sample: number): Promise<number> {
  const row = await sizes.row(sample);
  return row.readUIntBE(0, row.length);
}

const HAS = {
  // of a track fragment's header (8.8.7)
  baseOffset: 0x1,
  description: 0x2,
  defaultDuration: 0x8,
  defaultBytes: 0x10,
  baseIsMoof: 0x20000,
  // of a track run (8.8.8)
  offset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  bytes: 0x200,
};

interface Fragment {
  isOurs: boolean;
  base: number;
  durationTicks: number;
  sampleBytes: number;
}

/** Of movie fragments (ISO/IEC 14496-12, 8.8). */
async function* fragmentSamples(
  reader: ByteReader,
  start: number,
  sizeBytes: number,
  movie: Movie,
  track: Mp4Track,
  startTicks: number,
): AsyncGenerator<Mp4Sample, void, undefined> {
  const defaults = movie.fragmentDefaults.get(track.id) ?? { durationTicks: 0, sampleBytes: 0 };
  let timeTicks = startTicks;
  let moof = 0;
  /** Where the last run ended: where one without an offset goes on. */
  let dataEnd = 0;
  let fragment: Fragment | null = null;
  for await (const { box, bytes } of mp4Boxes(reader, start, sizeBytes, corruptMp4(reader.name))) {
    if (box.type === 'moof') {
      moof = dataEnd = box.start;
      fragment = null;
    } else if (box.type === 'tfhd') {
      fragment = await readTfhd(bytes, track.id, moof, dataEnd, start, defaults);
      dataEnd = fragment.base;
    } else if (fragment === null) continue;
    else if (box.type === 'tfdt' && fragment.isOurs) timeTicks = await decodeTime(bytes);
    else if (box.type === 'trun') {
      const head = await bytes.read(0, 16);
      const flags = head.readUIntBE(1, 3);
      const hasOffset = (flags & HAS.offset) !== 0;
      let offset = hasOffset ? fragment.base + head.readInt32BE(8) : dataEnd;
      const headBytes = 8 + (hasOffset ? 4 : 0) + (flags & HAS.firstFlags ? 4 : 0);
      const rowBytes = entryBytes('trun', head);
      const rows = new Table(bytes, headBytes, rowBytes, head.readUInt32BE(4));
      for (let i = 0; i < rows.count; i++) {
        let { durationTicks, sampleBytes } = fragment;
        if (rowBytes > 0) {
          const row = await rows.row(i);
          if (flags & HAS.duration) durationTicks = row.readUInt32BE(0);
          if (flags & HAS.bytes) sampleBytes = row.readUInt32BE(flags & HAS.duration ? 4 : 0);
        }
        if (fragment.isOurs) {
          yield { offset, bytes: sampleBytes, timeTicks, durationTicks };
          timeTicks += durationTicks;
        }
        offset += sampleBytes;
      }
      dataEnd = offset;
    }
  }
}

async function readTfhd(
  bytes: BoxBytes,
  trackId: number,
  moof: number,
  dataEnd: number,
  start: number,
  defaults: { readonly durationTicks: number; readonly sampleBytes: number },
): Promise<Fragment> {
  const head = await bytes.read(0, 32);
  const flags = head.readUIntBE(1, 3);
  let at = 8;
  const field = (flag: number, width: 4 | 8): number | null => {
    if ((flags & flag) === 0) return null;
    at += width;
    return width === 8 ? Number(head.readBigUInt64BE(at - 8)) : head.readUInt32BE(at - 4);
  };
  const baseOffset = field(HAS.baseOffset, 8);
  field(HAS.description, 4);
  const durationTicks = field(HAS.defaultDuration, 4) ?? defaults.durationTicks;
  const sampleBytes = field(HAS.defaultBytes, 4) ?? defaults.sampleBytes;
  // Without either, runs follow those of the track before, and the first one is counted from the moof.
  const base = baseOffset === null ? (flags & HAS.baseIsMoof ? moof : dataEnd) : start + baseOffset;
  return { isOurs: head.readUInt32BE(4) === trackId, base, durationTicks, sampleBytes };
}

/** Of a track fragment's decode time (8.8.12). */
async function decodeTime(bytes: BoxBytes): Promise<number> {
  const head = await bytes.read(0, 12);
  return head[0] === 1 ? Number(head.readBigUInt64BE(4)) : head.readUInt32BE(4);
}
