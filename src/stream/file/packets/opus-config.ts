/** How Opus packets are put together to channels. */
export interface OpusConfig {
  readonly channels: number;
  readonly streamCount: number;
  readonly coupledStreamCount: number;
  readonly channelMappingTable: number[];
  /** Samples at 48 kHz that the decoder needs and nobody hears. */
  readonly preSkip: number;
}

const SIGNATURE = 'OpusHead';
const MAX_CHANNELS = 8;
/** A channel of silence. */
const SILENT = 255;

/** An identification header (RFC 7845, 5.1); null where it contradicts itself, or has more than 8 channels. */
export function parseOpusConfig(head: Uint8Array): OpusConfig | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.length < 19 || bytes.toString('latin1', 0, 8) !== SIGNATURE) return null;
  const channels = bytes[9]!;
  const preSkip = bytes.readUInt16LE(10);
  const family = bytes[18]!;
  if (channels < 1 || channels > MAX_CHANNELS) return null;
  if (family === 0) {
    if (channels > 2) return null;
    const channelMappingTable = channels === 1 ? [0] : [0, 1];
    return { channels, streamCount: 1, coupledStreamCount: channels - 1, channelMappingTable, preSkip };
  }
  if (bytes.length < 21 + channels) return null;
  const [streamCount, coupledStreamCount] = [bytes[19]!, bytes[20]!];
  const channelMappingTable = [...bytes.subarray(21, 21 + channels)];
  const most = streamCount + coupledStreamCount;
  const isPossible =
    streamCount >= 1 &&
    coupledStreamCount <= streamCount &&
    most <= SILENT &&
    channelMappingTable.every((index) => index < most || index === SILENT);
  return isPossible ? { channels, streamCount, coupledStreamCount, channelMappingTable, preSkip } : null;
}

/** Lengths of a frame, ms, by the modes of RFC 6716, 3.1: three of SILK and hybrid, then CELT. */
const SILK_MS = [10, 20, 40, 60];
const HYBRID_MS = [10, 20];
const CELT_MS = [2.5, 5, 10, 20];
/** A packet is of 120 ms at the most. */
const MAX_PACKET_SECONDS = 0.12;

/** How long an Opus packet sounds, by its first two bytes, s. */
export function opusSeconds(packet: Uint8Array): number {
  const [head = 0, count = 0] = packet;
  const mode = head >> 3;
  const ms = mode < 12 ? SILK_MS[mode & 3]! : mode < 16 ? HYBRID_MS[mode & 1]! : CELT_MS[mode & 3]!;
  const frames = (head & 3) === 0 ? 1 : (head & 3) === 3 ? count & 63 : 2;
  return Math.min(MAX_PACKET_SECONDS, (frames * ms) / 1000);
}
