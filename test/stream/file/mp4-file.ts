/** A box of an MP4, its size before it. */
export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(payload.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, payload]);
}

/** 32-bit numbers, as tables have them. */
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}

/** The tables of `makeMp4`, each the payload of its box. */
export type Tables = Record<string, Buffer>;

/** Tables that agree: 8 samples of 10 bytes in 2 chunks. */
export const soundTables: Tables = {
  stts: words(0, 1, 8, 1024),
  stsc: words(0, 1, 1, 4, 1),
  stsz: words(0, 10, 8),
  stco: words(0, 2, 40, 80),
};

/** An m4a of AAC-LC, 16 kHz mono, whose tables say what they are told to and whose media is zeros. */
export function makeMp4(
  tables: Tables,
  options: { fragments?: Uint8Array; mediaBytes?: number } = {},
): Buffer {
  const descriptor = Buffer.of(
    3,
    25,
    0,
    1,
    0,
    4,
    17,
    0x40,
    0x15,
    0,
    0,
    0,
    ...words(64_000, 64_000),
    5,
    2,
    0x14,
    0x08,
  );
  const entry = Buffer.concat([words(0, 1), words(0, 0), Buffer.of(0, 1, 0, 16), words(0, 16_000 << 16)]);
  const stsd = box('stsd', words(0, 1), box('mp4a', entry, box('esds', words(0), descriptor)));
  const stbl = box('stbl', stsd, ...Object.entries(tables).map(([type, payload]) => box(type, payload)));
  const mdhd = box('mdhd', words(0, 0, 0, 16_000, 8192, 0x55c40000));
  const hdlr = box('hdlr', words(0, 0), Buffer.from('soun'), words(0, 0, 0), Buffer.of(0));
  const mdia = box('mdia', mdhd, hdlr, box('minf', box('smhd', words(0, 0)), stbl));
  const tkhd = box(
    'tkhd',
    words(7, 0, 0, 1, 0, 8192, 0, 0, 0, 0x01000000, 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000, 0, 0),
  );
  const mvhd = box(
    'mvhd',
    words(0, 0, 0, 16_000, 8192, 0x10000, 0x01000000, 0, 0, 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000),
    Buffer.alloc(24),
    words(2),
  );
  const mvex = options.fragments ? [box('mvex', box('trex', words(0, 1, 1, 1024, 0, 0)))] : [];
  return Buffer.concat([
    box('ftyp', Buffer.from('M4A '), words(0), Buffer.from('M4A ')),
    box('moov', mvhd, box('trak', tkhd, mdia), ...mvex),
    ...(options.fragments ? [options.fragments] : []),
    box('mdat', Buffer.alloc(options.mediaBytes ?? 16_384)),
  ]);
}
