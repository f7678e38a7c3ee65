/** What an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) says of the AAC core that ADTS can carry. */
export interface AacConfig {
  /** MPEG-4 audio object type of the core: 2 is AAC-LC. */
  readonly objectType: number;
  readonly rateIndex: number;
  readonly rateHz: number;
  readonly channelConfig: number;
}

const RATES_HZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
const OBJECT_SBR = 5;
const OBJECT_PS = 29;

/** Null where the configuration is one that ADTS has no room for. */
export function parseAacConfig(bytes: Uint8Array): AacConfig | null {
  let bit = 0;
  const take = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++, bit++)
      value = value * 2 + (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    return value;
  };
  const objectType = (): number => {
    const type = take(5);
    return type === 31 ? 32 + take(6) : type;
  };
  const rate = (): number => {
    const index = take(4);
    return index === 15 ? RATES_HZ.indexOf(take(24)) : index;
  };
  let type = objectType();
  const rateIndex = rate();
  const channelConfig = take(4);
  if (type === OBJECT_SBR || type === OBJECT_PS) {
    rate();
    type = objectType();
  }
  const shortFrames = take(1) === 1; // 960 samples a frame
  const rateHz = RATES_HZ[rateIndex];
  if (type < 1 || type > 4 || rateHz === undefined || channelConfig < 1 || channelConfig > 7 || shortFrames)
    return null;
  return { objectType: type, rateIndex, rateHz, channelConfig };
}

export const ADTS_HEADER_BYTES = 7;

/** What the 13 bits of a frame's length leave for a packet. */
export const MAX_AAC_PACKET_BYTES = 2 ** 13 - 1 - ADTS_HEADER_BYTES;

/** One raw AAC packet as an ADTS frame (ISO/IEC 13818-7, 6.2), which needs no container. */
export function toAdts(config: AacConfig, packet: Uint8Array): Uint8Array {
  const length = packet.length + ADTS_HEADER_BYTES;
  const frame = new Uint8Array(length);
  frame[0] = 0xff;
  frame[1] = 0xf1;
  frame[2] = ((config.objectType - 1) << 6) | (config.rateIndex << 2) | (config.channelConfig >> 2);
  frame[3] = ((config.channelConfig & 3) << 6) | (length >> 11);
  frame[4] = (length >> 3) & 0xff;
  frame[5] = ((length & 7) << 5) | 0x1f;
  frame[6] = 0xfc;
  frame.set(packet, ADTS_HEADER_BYTES);
  return frame;
}

/** Length of the ADTS frame with this header, and the core's rate; null where it is no header. */
export function parseAdtsHeader(bytes: Uint8Array): { length: number; rateHz: number } | null {
  if (bytes.length < ADTS_HEADER_BYTES || bytes[0] !== 0xff || (bytes[1]! & 0xf6) !== 0xf0) return null;
  const length = ((bytes[3]! & 3) << 11) | (bytes[4]! << 3) | (bytes[5]! >> 5);
  const rateHz = RATES_HZ[(bytes[2]! >> 2) & 0x0f];
  return length <= ADTS_HEADER_BYTES || rateHz === undefined ? null : { length, rateHz };
}

/** Headers in a row, each where the one before says, that make a stream: other bytes hold single ones by chance. */
const HEADERS_IN_A_ROW = 3;
/** Bytes in which a stream that goes on is found wherever it begins in their first half. */
export const ADTS_LOOK_BYTES = 65_536;

/** Where a stream of ADTS frames begins in these bytes, null where none does. A short one has to begin at 0. */
export function findAdtsFrame(bytes: Uint8Array): number | null {
  for (let at = 0; at + ADTS_HEADER_BYTES <= bytes.length; at++) {
    if (bytes[at] === 0xff && isStream(bytes, at)) return at;
  }
  return null;
}

function isStream(bytes: Uint8Array, start: number): boolean {
  let rateHz: number | null = null;
  let at = start;
  for (let i = 0; i < HEADERS_IN_A_ROW; i++) {
    if (i > 0 && at + ADTS_HEADER_BYTES > bytes.length) return start === 0;
    const header = parseAdtsHeader(bytes.subarray(at, at + ADTS_HEADER_BYTES));
    if (header === null || header.rateHz !== (rateHz ?? header.rateHz)) return false;
    ({ rateHz } = header);
    at += header.length;
  }
  return true;
}
