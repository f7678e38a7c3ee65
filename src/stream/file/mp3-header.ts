/** An MPEG audio frame header (ISO/IEC 11172-3, 13818-3). */
export interface Mp3Frame {
  readonly offset: number;
  readonly rateHz: number;
  readonly bytes: number;
  readonly samples: number;
  readonly kbps: number;
  /** Bytes of header and side information before the frame's data; where a Xing tag would lie. */
  readonly tagOffset: number;
}

const RATES_HZ = [44_100, 48_000, 32_000] as const;
const KBPS: Record<string, readonly number[]> = {
  V1L1: [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  V1L2: [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  V1L3: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  V2L1: [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  V2L2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

/** Frame headers in a row that make a stream: text and pictures hold single ones by chance. */
const FRAMES_IN_A_ROW = 3;

/** The first frame of an MPEG audio stream in these bytes, followed by two more (or by their end). */
export function findMp3Frame(bytes: Uint8Array): Mp3Frame | null {
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (bytes[at] !== 0xff) continue;
    const first = parseMp3Frame(bytes, at);
    if (first && chain(bytes, first)) return first;
  }
  return null;
}

function chain(bytes: Uint8Array, first: Mp3Frame): boolean {
  let frame = first;
  for (let i = 1; i < FRAMES_IN_A_ROW; i++) {
    const next = frame.offset + frame.bytes;
    if (next + 4 > bytes.length) return first.offset === 0;
    const parsed = parseMp3Frame(bytes, next);
    if (parsed?.rateHz !== first.rateHz || parsed.samples !== first.samples) return false;
    frame = parsed;
  }
  return true;
}

export function parseMp3Frame(bytes: Uint8Array, offset: number): Mp3Frame | null {
  const [b1, b2, b3] = [bytes[offset + 1]!, bytes[offset + 2]!, bytes[offset + 3]!];
  if ((b1 & 0xe0) !== 0xe0) return null;
  const version = (b1 >> 3) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  const layer = 4 - ((b1 >> 1) & 3);
  const rateIndex = (b2 >> 2) & 3;
  const kbpsIndex = b2 >> 4;
  if (version === 1 || layer === 4 || rateIndex === 3 || kbpsIndex === 0 || kbpsIndex === 15) return null;

  const first = version === 3;
  const rateHz = RATES_HZ[rateIndex]! / (first ? 1 : version === 2 ? 2 : 4);
  const kbps = KBPS[first ? `V1L${layer}` : `V2L${layer === 1 ? 1 : 2}`]![kbpsIndex - 1]!;
  const padding = (b2 >> 1) & 1;
  const samples = layer === 1 ? 384 : layer === 3 && !first ? 576 : 1152;
  const slots = Math.floor(((layer === 1 ? 12 : samples / 8) * kbps * 1000) / rateHz) + padding;
  const mono = b3 >> 6 === 3;
  const sideBytes = first ? (mono ? 17 : 32) : mono ? 9 : 17;
  return {
    offset,
    rateHz,
    kbps,
    samples,
    bytes: layer === 1 ? slots * 4 : slots,
    tagOffset: offset + 4 + sideBytes,
  };
}

/**
 * Samples the whole stream holds, as the encoder's Xing / Info tag (with LAME's delay and padding) tells;
 * null where there is no tag.
 */
export function xingSamples(bytes: Buffer, frame: Mp3Frame): number | null {
  const at = frame.tagOffset;
  if (bytes.length < at + 144) return null;
  const name = bytes.toString('latin1', at, at + 4);
  if ((name !== 'Xing' && name !== 'Info') || (bytes.readUInt32BE(at + 4) & 1) === 0) return null;
  const frames = bytes.readUInt32BE(at + 8);
  const gap = bytes.readUIntBE(at + 141, 3);
  const encoder = bytes.toString('latin1', at + 120, at + 124);
  const trimmed = /^(LAME|Lavf|Lavc)/.test(encoder) ? (gap >> 12) + (gap & 0xfff) : 0;
  return Math.max(0, frames * frame.samples - trimmed);
}
