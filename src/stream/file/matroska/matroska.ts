import { WhospeaksError } from '../../../errors.js';
import type { SoundBlock } from '../../condition.js';
import { SAMPLE_RATE_HZ } from '../../types.js';
import { PcmDecoder, type PcmEncoding } from '../../pcm.js';
import type { ByteReader } from '../byte-reader.js';
import type { FileDecoder } from '../format.js';
import { MAX_AAC_PACKET_BYTES, parseAacConfig, toAdts } from '../packets/adts.js';
import { decodePackets } from '../packets/decode-packets.js';
import { opusSeconds, parseOpusConfig, type OpusConfig } from '../packets/opus-config.js';
import type { Packet } from '../packets/packet.js';
import { MatroskaReader } from './matroska-reader.js';
import type { MatroskaTrack } from './tracks.js';

/** WebM or Matroska with Opus, Vorbis, AAC, FLAC or PCM, at the times that it gives its blocks; live streams too. */
export const decodeMatroska: FileDecoder = async function* (reader, facts) {
  const file = new MatroskaReader(reader);
  await file.readHead();
  const { tracks, durationSeconds } = file.info;
  const track = tracks.find(({ isAudio }) => isAudio);
  if (track === undefined) {
    if (tracks.length > 0) throw new WhospeaksError('audio-empty', `${reader.name} holds no audio track`);
    throw new WhospeaksError('audio-corrupt', `${reader.name} is a damaged or cut WebM or Matroska file`);
  }
  if (durationSeconds > 0) facts.durationSamples = Math.round(durationSeconds * SAMPLE_RATE_HZ);
  yield* decodeTrack(reader, track, matroskaPackets(file, track));
  const { damaged, cutShort } = file;
  if (damaged > 0)
    throw new WhospeaksError(
      'audio-corrupt',
      `${reader.name} is a damaged WebM or Matroska file: ${damaged} places`,
    );
  if (cutShort) throw new WhospeaksError('audio-truncated', `${reader.name} is cut short inside its audio`);
};

/** The packets of a track. A laced one follows the one before it. */
async function* matroskaPackets(
  file: MatroskaReader,
  track: MatroskaTrack,
): AsyncGenerator<Packet, void, undefined> {
  for await (const { packets, seconds, discardSeconds } of file.blocks(track.number)) {
    const atSeconds = seconds - track.delaySeconds;
    for (const [i, bytes] of packets.entries()) {
      const end = atSeconds + packets.reduce((sum, packet) => sum + lengthOf(track, packet), 0);
      const toSeconds = discardSeconds > 0 && end > atSeconds ? end - discardSeconds : Infinity;
      if (i === 0) yield { bytes, atSeconds, fromSeconds: 0, toSeconds };
      else yield { bytes, atSeconds: null, fromSeconds: -Infinity, toSeconds: Infinity };
    }
  }
}

/** Of a packet that tells it, s; else 0. */
function lengthOf({ codec }: MatroskaTrack, packet: Uint8Array): number {
  return codec === 'A_OPUS' ? opusSeconds(packet) : 0;
}

async function* decodeTrack(
  reader: ByteReader,
  track: MatroskaTrack,
  packets: AsyncIterable<Packet>,
): AsyncGenerator<SoundBlock, void, undefined> {
  const { codec, codecPrivate, isEncoded } = track;
  if (isEncoded) throw unsupported(reader, 'compressed or encrypted audio');
  if (codec === 'A_OPUS') {
    const config = codecPrivate.length > 0 ? parseOpusConfig(codecPrivate) : plainOpus(track);
    if (config === null) throw unsupported(reader, 'a rare kind of Opus');
    const { decodeOpusPackets } = await import('../packets/opus-packets.js');
    yield* decodeOpusPackets(reader, packets, config);
  } else if (codec === 'A_VORBIS') {
    const { decodeVorbisPackets } = await import('../packets/vorbis-packets.js');
    yield* decodeVorbisPackets(reader, packets, codecPrivate);
  } else if (codec === 'A_AAC') {
    const config = parseAacConfig(codecPrivate);
    if (config === null) throw unsupported(reader, 'a rare kind of AAC');
    const { decodeAacPieces } = await import('../packets/aac-pieces.js');
    const frames = adtsFrames(reader, packets, (bytes) => toAdts(config, bytes));
    yield* decodeAacPieces(reader, frames, config.rateHz);
  } else if (codec === 'A_FLAC') {
    const { decodeFlacPackets } = await import('../packets/flac-packets.js');
    yield* decodeFlacPackets(reader, packets, codecPrivate);
  } else if (pcmEncoding(track) !== null) {
    const decoder = new PcmDecoder(pcmEncoding(track)!, track.channels);
    yield* decodePackets(reader, 'PCM', packets, {
      rateHz: track.rateHz,
      decode: (packet) => decoder.split(packet),
      free: () => undefined,
    });
  } else throw unsupported(reader, `${/^[\w/.-]{1,40}$/.test(codec) ? codec : 'unknown'} audio`);
}

async function* adtsFrames(
  reader: ByteReader,
  packets: AsyncIterable<Packet>,
  frame: (bytes: Uint8Array) => Uint8Array,
): AsyncGenerator<Packet, void, undefined> {
  for await (const packet of packets) {
    if (packet.bytes.length > MAX_AAC_PACKET_BYTES)
      throw new WhospeaksError('audio-corrupt', `${reader.name} holds a packet of AAC that is too large`);
    yield { ...packet, bytes: frame(packet.bytes) };
  }
}

function plainOpus({ channels, delaySeconds }: MatroskaTrack): OpusConfig | null {
  if (channels < 1 || channels > 2) return null;
  return {
    channels,
    streamCount: 1,
    coupledStreamCount: channels - 1,
    channelMappingTable: channels === 1 ? [0] : [0, 1],
    preSkip: Math.round(delaySeconds * 48_000),
  };
}

function pcmEncoding({ codec, bitDepth, channels }: MatroskaTrack): PcmEncoding | null {
  if (channels < 1 || channels > 64) return null;
  if (codec === 'A_PCM/FLOAT/IEEE') return bitDepth === 64 ? 'f64le' : 'f32le';
  if (codec !== 'A_PCM/INT/LIT') return null;
  return ({ 8: 'u8', 16: 's16le', 24: 's24le', 32: 's32le' } as const)[bitDepth] ?? null;
}

function unsupported(reader: ByteReader, what: string): WhospeaksError {
  return new WhospeaksError(
    'audio-unsupported',
    `${reader.name} holds ${what} in a WebM or Matroska file; convert it to Opus, flac or wav`,
  );
}
