import { WhospeaksError } from '../../../errors.js';
import type { SoundBlock } from '../../condition.js';
import { SAMPLE_RATE_HZ } from '../../types.js';
import type { ByteReader } from '../byte-reader.js';
import type { FileDecoder } from '../format.js';
import { MAX_AAC_PACKET_BYTES, parseAacConfig, toAdts } from '../packets/adts.js';
import { parseOpusConfig } from '../packets/opus-config.js';
import type { Packet } from '../packets/packet.js';
import { segmentsOf } from './edits.js';
import { corruptMp4, readMovie, type Movie, type Mp4Track } from './movie.js';
import { mp4Packets } from './packets.js';
import { aacConfigBytes, codecName, opusHeadOf, readSampleEntry, type SampleEntry } from './sample-entry.js';

/** AAC, Opus, FLAC or Apple Lossless in an MP4 or a QuickTime movie, at the times that the movie gives it. */
export const decodeMp4: FileDecoder = async function* (reader, facts) {
  const { name, sizeBytes, position } = reader;
  if (sizeBytes === undefined) {
    throw new WhospeaksError(
      'audio-unsupported',
      `${name} is m4a in a pipe, which cannot be read; save it to a file first`,
    );
  }
  const movie = await readMovie(reader, position, sizeBytes - position);
  const { track, entry } = audioTrack(reader, movie);
  facts.durationSamples = durationOf(movie, track);
  const packets = mp4Packets(reader, position, sizeBytes - position, movie, track);
  yield* decodeEntry(reader, entry, packets);
};

async function* decodeEntry(
  reader: ByteReader,
  entry: SampleEntry,
  packets: AsyncIterable<Packet>,
): AsyncGenerator<SoundBlock, void, undefined> {
  const aac = aacConfigBytes(entry);
  const opus = entry.boxes.get('dOps');
  const alac = entry.boxes.get('alac');
  const flac = entry.boxes.get('dfLa');
  if (aac !== null) {
    const config = parseAacConfig(aac);
    if (config === null) throw unsupported(reader, 'a rare kind of AAC', 'convert it to AAC-LC or wav');
    const { decodeAacPieces } = await import('../packets/aac-pieces.js');
    yield* decodeAacPieces(
      reader,
      adtsFrames(reader, packets, (bytes) => toAdts(config, bytes)),
      config.rateHz,
    );
  } else if (opus !== undefined) {
    const config = parseOpusConfig(opusHeadOf(opus));
    if (config === null) throw corruptMp4(reader.name)('its description of Opus cannot be');
    const { decodeOpusPackets } = await import('../packets/opus-packets.js');
    yield* decodeOpusPackets(reader, packets, config);
  } else if (entry.format === 'alac' && alac !== undefined) {
    const { decodeAlacPackets } = await import('../packets/alac-packets.js');
    yield* decodeAlacPackets(reader, packets, alac.subarray(4));
  } else if (entry.format === 'fLaC' && flac !== undefined) {
    const { decodeFlacPackets } = await import('../packets/flac-packets.js');
    yield* decodeFlacPackets(reader, packets, flac);
  } else {
    throw unsupported(reader, `${codecName(entry)} audio in an MP4`, 'convert it to AAC, flac or wav');
  }
}

async function* adtsFrames(
  reader: ByteReader,
  packets: AsyncIterable<Packet>,
  frame: (bytes: Uint8Array) => Uint8Array,
): AsyncGenerator<Packet, void, undefined> {
  for await (const packet of packets) {
    if (packet.bytes.length > MAX_AAC_PACKET_BYTES)
      throw corruptMp4(reader.name)('a packet of AAC is too large');
    yield { ...packet, bytes: frame(packet.bytes) };
  }
}

/** The first one that is switched on, or the first. */
function audioTrack(reader: ByteReader, { tracks }: Movie): { track: Mp4Track; entry: SampleEntry } {
  const corrupt = corruptMp4(reader.name);
  if (tracks.length === 0) throw corrupt('it has no index');
  const audio = tracks.filter(({ handler }) => handler === 'soun');
  const track = audio.find(({ isEnabled }) => isEnabled) ?? audio[0];
  if (track === undefined) throw new WhospeaksError('audio-empty', `${reader.name} holds no audio track`);
  if (track.entry === null || track.timescale === 0) throw corrupt('its audio track is not described');
  return { track, entry: readSampleEntry(track.entry) };
}

function durationOf(movie: Movie, track: Mp4Track): number | undefined {
  const mediaSeconds = track.durationTicks / track.timescale;
  const last = segmentsOf(movie, track)?.at(-1);
  if (last === undefined || (mediaSeconds === 0 && last.toSeconds === Infinity)) return undefined;
  const end = Math.min(last.toSeconds, last.fromSeconds + mediaSeconds - last.mediaSeconds);
  return Math.max(0, Math.round(end * SAMPLE_RATE_HZ));
}

function unsupported(reader: ByteReader, what: string, advice: string): WhospeaksError {
  return new WhospeaksError('audio-unsupported', `${reader.name} holds ${what}; ${advice}`);
}
