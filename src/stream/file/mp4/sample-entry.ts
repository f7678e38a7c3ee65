/** How the samples of an audio track are coded. */
export interface SampleEntry {
  readonly format: string;
  /** The boxes in it, and in QuickTime's box of boxes (`wave`). */
  readonly boxes: ReadonlyMap<string, Buffer>;
}

/** Where boxes begin in an entry: after the fields of version 0, 1 and 2 (QuickTime File Format, sound descriptions). */
const BOX_OFFSETS = [36, 52, 72];
/** Descriptors of MPEG-4 (ISO/IEC 14496-1, 7.2.6). */
const ES_DESCRIPTOR = 3;
const DECODER_CONFIG = 4;
const DECODER_SPECIFIC = 5;
/** AAC of MPEG-4, and of MPEG-2 in three profiles. */
const AAC_OBJECTS = new Set([0x40, 0x66, 0x67, 0x68]);

export function readSampleEntry({ format, bytes }: { format: string; bytes: Buffer }): SampleEntry {
  for (const offset of BOX_OFFSETS) {
    const boxes = boxesIn(bytes.subarray(offset));
    const wave = boxes.get('wave');
    if (wave) for (const [type, payload] of boxesIn(wave)) boxes.set(type, payload);
    if (['esds', 'dOps', 'alac', 'dfLa'].some((type) => boxes.has(type))) return { format, boxes };
  }
  return { format, boxes: new Map() };
}

function boxesIn(bytes: Buffer): Map<string, Buffer> {
  const boxes = new Map<string, Buffer>();
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) break;
    boxes.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + size));
    at += size;
  }
  return boxes;
}

/** The AudioSpecificConfig; null where the entry is not of AAC. */
export function aacConfigBytes({ format, boxes }: SampleEntry): Buffer | null {
  const esds = boxes.get('esds');
  if (format !== 'mp4a' || esds === undefined) return null;
  const config = descriptor(
    descriptor(esds.subarray(4), ES_DESCRIPTOR, esHeadBytes),
    DECODER_CONFIG,
    () => 0,
  );
  if (!AAC_OBJECTS.has(config[0] ?? 0)) return null;
  const specific = descriptor(config.subarray(13), DECODER_SPECIFIC, () => 0);
  return specific.length === 0 ? null : specific;
}

/** Bytes before the descriptors in an ES descriptor, by its flags. */
function esHeadBytes(body: Buffer): number {
  const flags = body[2] ?? 0;
  const url = flags & 0x40 ? 1 + (body[5 - (flags & 0x80 ? 0 : 2)] ?? 0) : 0;
  return 3 + (flags & 0x80 ? 2 : 0) + url + (flags & 0x20 ? 2 : 0);
}

/** What is in the descriptor that begins these bytes, after its head; nothing where it is another one. */
function descriptor(bytes: Buffer, tag: number, headBytes: (body: Buffer) => number): Buffer {
  if (bytes[0] !== tag) return Buffer.alloc(0);
  let size = 0;
  let at = 1;
  for (let more = true; more && at <= 4; at++) {
    const byte = bytes[at] ?? 0;
    size = size * 128 + (byte & 127);
    more = byte > 127;
  }
  const body = bytes.subarray(at, at + size);
  return body.subarray(headBytes(body));
}

/** The head that Opus has in Ogg and Matroska, of the one in MP4, which counts from the other end. */
export function opusHeadOf(dOps: Buffer): Buffer {
  if (dOps.length < 11) return Buffer.alloc(0);
  const head = Buffer.concat([Buffer.from('OpusHead'), dOps]);
  head[8] = 1;
  head.writeUInt16LE(dOps.readUInt16BE(2), 10);
  head.writeUInt32LE(dOps.readUInt32BE(4), 12);
  head.writeInt16LE(dOps.readInt16BE(8), 16);
  return head;
}

/** What messages call it. */
export function codecName({ format, boxes }: SampleEntry): string {
  if (format === 'enca') return 'encrypted';
  if (format === 'mp4a' && boxes.has('esds')) return 'no AAC but other MPEG';
  return /^[\w .-]{4}$/.test(format) ? format.trim() : 'unknown';
}
