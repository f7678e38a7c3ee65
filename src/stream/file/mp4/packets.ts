import { WhospeaksError } from '../../../errors.js';
import { readsInARow } from './boxes.js';
import type { ByteReader } from '../byte-reader.js';
import type { Packet } from '../packets/packet.js';
import { segmentsOf, type Segment } from './edits.js';
import { corruptMp4, type Movie, type Mp4Track } from './movie.js';
import { mp4Samples, type Mp4Sample } from './samples.js';

/** Before a part that is heard, what decoders need to get into their state, s. */
const LEAD_SECONDS = 1.5;
/** A packet of anything that is decoded is far smaller. */
const MAX_PACKET_BYTES = 2 ** 22;

/**
 * The packets of a track, each where the movie puts it.
 *
 * @throws WhospeaksError at the end: `audio-truncated` where the file ends before its last packet does
 */
export async function* mp4Packets(
  reader: ByteReader,
  start: number,
  sizeBytes: number,
  movie: Movie,
  track: Mp4Track,
): AsyncGenerator<Packet, void, undefined> {
  const segments = segmentsOf(movie, track);
  if (segments === null) {
    throw new WhospeaksError(
      'audio-unsupported',
      `${reader.name} plays parts of its audio out of order (its edit list); convert it to wav or flac`,
    );
  }
  const bytesAt = readsInARow(reader);
  let segment = 0;
  let endSeconds = 0;
  const packets = async function* (
    sample: Mp4Sample,
    isLast: boolean,
  ): AsyncGenerator<Packet, void, undefined> {
    const beginSeconds = sample.timeTicks / track.timescale;
    endSeconds = beginSeconds + sample.durationTicks / track.timescale;
    while (segment + 1 < segments.length && mediaEnd(segments[segment]!) <= beginSeconds) segment += 1;
    let bytes: Buffer | null = null;
    for (let i = segment; i < segments.length; i++) {
      const { fromSeconds, toSeconds, mediaSeconds } = segments[i]!;
      if (endSeconds < mediaSeconds - LEAD_SECONDS) break;
      if (i > segment && endSeconds <= mediaSeconds) break;
      bytes ??= Buffer.from(await bytesAt(sample.offset, sample.bytes));
      const atSeconds = fromSeconds + beginSeconds - mediaSeconds;
      const end = isLast ? atSeconds + sample.durationTicks / track.timescale : Infinity;
      yield { bytes, atSeconds, fromSeconds, toSeconds: Math.min(toSeconds, end) };
    }
  };

  let held: Mp4Sample | null = null;
  let isCut = false;
  for await (const sample of mp4Samples(reader, start, sizeBytes, movie, track)) {
    if (sample.bytes > MAX_PACKET_BYTES) throw corruptMp4(reader.name)(`a packet of ${sample.bytes} bytes`);
    isCut = sample.offset < start || sample.offset + sample.bytes > start + sizeBytes;
    if (isCut) break;
    if (held !== null) yield* packets(held, false);
    held = sample.bytes === 0 ? null : sample;
  }
  if (held !== null) yield* packets(held, !isCut);
  if (!isCut && !(movie.isFragmented && movie.isCut)) return;
  const missing = track.durationTicks / track.timescale - endSeconds;
  const what = missing > 0 ? `its last ${missing.toFixed(2)} s are missing` : 'it ends inside its audio';
  throw new WhospeaksError('audio-truncated', `${reader.name} is cut short: ${what}`);
}

function mediaEnd({ fromSeconds, toSeconds, mediaSeconds }: Segment): number {
  return mediaSeconds + toSeconds - fromSeconds;
}
