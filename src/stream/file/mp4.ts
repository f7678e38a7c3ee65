import { CustomSource, EncodedPacketSink, Input, MP4, QTFF, type InputAudioTrack } from 'mediabunny';
import { WhospeaksError } from '../../errors.js';
import { SAMPLE_RATE_HZ } from '../types.js';
import { decodeAacPieces } from './aac-pieces.js';
import { parseAacConfig, toAdts, type AacConfig } from './adts.js';
import type { ByteReader } from './byte-reader.js';
import type { FileDecoder } from './format.js';
import { checkMp4Tables } from './mp4-tables.js';

const CACHE_BYTES = 2 ** 20;

/**
 * AAC in an MP4 (m4a). mediabunny reads the container packet by packet; the encoder's priming is cut
 * away as the edit list tells.
 */
export const decodeMp4: FileDecoder = async function* (reader, facts) {
  const { sizeBytes, position } = reader;
  if (sizeBytes === undefined) {
    throw new WhospeaksError(
      'audio-unsupported',
      `${reader.name} is m4a in a pipe, which cannot be read; save it to a file first`,
    );
  }
  await checkMp4Tables(reader, position, sizeBytes - position);
  const source = new CustomSource({
    getSize: () => sizeBytes - position,
    read: (start, end) => reader.readAt(position + start, end - start),
    maxCacheSize: CACHE_BYTES,
  });
  const input = new Input({ formats: [MP4, QTFF], source });
  try {
    const { track, config, endSeconds } = await openTrack(reader, input);
    facts.durationSamples = Math.round(endSeconds * SAMPLE_RATE_HZ);
    let startSeconds = 0;
    const frames = adtsFrames(reader, track, config, (timestamp) => {
      startSeconds = Math.max(0, -timestamp);
    });
    yield* decodeAacPieces(reader, frames, config.rateHz, () => ({
      startSeconds,
      lengthSeconds: endSeconds,
    }));
  } finally {
    input.dispose();
  }
};

interface OpenTrack {
  readonly track: InputAudioTrack;
  readonly config: AacConfig;
  readonly endSeconds: number;
}

async function openTrack(reader: ByteReader, input: Input): Promise<OpenTrack> {
  let track: InputAudioTrack | null;
  let description: AllowSharedBufferSource | undefined;
  let endSeconds = 0;
  try {
    track = await input.getPrimaryAudioTrack();
    description = (await track?.getDecoderConfig())?.description;
    endSeconds = (await track?.computeDuration()) ?? 0;
  } catch (error) {
    throw corrupt(reader, error);
  }
  if (!track) {
    if ((await input.getTracks()).length === 0) throw corrupt(reader, 'it has no index');
    throw new WhospeaksError('audio-empty', `${reader.name} holds no audio track`);
  }
  const codec = await track.getCodec();
  if (codec !== 'aac' || !description) {
    const held = codec ?? String(await track.getInternalCodecId());
    throw new WhospeaksError(
      'audio-unsupported',
      `${reader.name} holds ${held} audio in an MP4; convert it to AAC, flac or wav`,
    );
  }
  const config = parseAacConfig(asBytes(description));
  if (!config)
    throw new WhospeaksError(
      'audio-unsupported',
      `${reader.name} holds a rare kind of AAC; convert it to AAC-LC or wav`,
    );
  return { track, config, endSeconds };
}

async function* adtsFrames(
  reader: ByteReader,
  track: InputAudioTrack,
  config: AacConfig,
  onFirst: (timestampSeconds: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let first = true;
  try {
    for await (const packet of new EncodedPacketSink(track).packets()) {
      if (first) onFirst(packet.timestamp);
      first = false;
      yield toAdts(config, packet.data);
    }
  } catch (error) {
    throw corrupt(reader, error);
  }
}

function corrupt(reader: ByteReader, error: unknown): WhospeaksError {
  const why = error instanceof Error ? error.message : String(error);
  return new WhospeaksError('audio-corrupt', `${reader.name} is a damaged or cut m4a file: ${why}`, {
    cause: error,
  });
}

function asBytes(source: AllowSharedBufferSource): Uint8Array {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return new Uint8Array(source);
}
