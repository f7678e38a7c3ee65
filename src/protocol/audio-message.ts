/**
 * A binary message from the client: 8 bytes of header, then PCM.
 *
 * | bytes | what |
 * |---|---|
 * | 0-3 | sequence number, unsigned, little-endian: 0, 1, 2 … over the whole session |
 * | 4-7 | frames that were lost right before this audio, unsigned, little-endian; 0 but where a live sender dropped some, at most `MAX_SKIPPED_SECONDS` |
 * | 8-  | interleaved samples in the encoding of the hello, a whole number of frames, at least one |
 *
 * A frame is one sample of every channel.
 */
export interface AudioMessage {
  readonly sequence: number;
  readonly skippedFrames: number;
  /** A view into the message, not a copy. */
  readonly payload: Uint8Array;
}

export const AUDIO_HEADER_BYTES = 8;

/** PCM that the server takes. */
export const AUDIO_ENCODINGS = ['s16le', 'f32le', 'mulaw', 'alaw'] as const;
export type AudioEncoding = (typeof AUDIO_ENCODINGS)[number];

export const MIN_STREAM_RATE_HZ = 8_000;
export const MAX_STREAM_RATE_HZ = 48_000;
export const MAX_CHANNELS = 8;
/** Audio that one message may declare as lost: a day. */
export const MAX_SKIPPED_SECONDS = 86_400;
/** Messages of one session a second, on average, that may declare some: twice as many as a sender of 20 ms has need of. */
export const MAX_SKIPS_PER_SECOND = 50;

const BYTES: Record<AudioEncoding, number> = { s16le: 2, f32le: 4, mulaw: 1, alaw: 1 };

/** Bytes of one frame: one sample of every channel. */
export function frameBytes(encoding: AudioEncoding, channels: number): number {
  return BYTES[encoding] * channels;
}

export function encodeAudioMessage({
  sequence,
  skippedFrames,
  payload,
}: AudioMessage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(AUDIO_HEADER_BYTES + payload.length);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, sequence, true);
  header.setUint32(4, skippedFrames, true);
  bytes.set(payload, AUDIO_HEADER_BYTES);
  return bytes;
}

/** Null where there is no room for the header and a byte of audio. */
export function decodeAudioMessage(bytes: Uint8Array): AudioMessage | null {
  if (bytes.length <= AUDIO_HEADER_BYTES) return null;
  const header = new DataView(bytes.buffer, bytes.byteOffset, AUDIO_HEADER_BYTES);
  return {
    sequence: header.getUint32(0, true),
    skippedFrames: header.getUint32(4, true),
    payload: bytes.subarray(AUDIO_HEADER_BYTES),
  };
}
