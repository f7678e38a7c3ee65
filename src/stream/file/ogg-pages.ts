import type { ByteReader } from './byte-reader.js';

const SIGNATURE = 'OggS';
const HEADER_BYTES = 27;
const CHECKSUM_OFFSET = 22;

/** CRC-32 as Ogg computes it (RFC 3533, 6): polynomial 0x04c11db7, not reflected, starting from 0. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let crc = i << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc >>> 0;
});

/**
 * The whole pages of an Ogg stream whose checksum is right. The decoders trust their input, so nothing
 * else may reach them; what was left out is counted here.
 */
export class OggPages {
  readonly #reader: ByteReader;
  #damaged = 0;
  #cutShort = false;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Places where the stream was damaged. */
  get damaged(): number {
    return this.#damaged;
  }

  /** True where the stream stopped inside a page. */
  get cutShort(): boolean {
    return this.#cutShort;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    let inSync = true;
    for (;;) {
      const page = await this.#peekPage();
      if (page === 'end') return;
      if (page) {
        inSync = true;
        yield await this.#reader.read(page.length);
      } else {
        if (inSync) this.#damaged += 1;
        inSync = false;
        await this.#skipToSignature();
      }
    }
  }

  /** The page ahead, null where there is none, 'end' where nothing whole is left. */
  async #peekPage(): Promise<Buffer | null | 'end'> {
    const head = await this.#reader.peek(HEADER_BYTES + 255);
    if (head.length === 0) return 'end';
    if (head.toString('latin1', 0, 4) !== SIGNATURE) return null;
    const segments = head[26] ?? 0;
    let total = HEADER_BYTES + segments;
    for (let i = 0; i < segments; i++) total += head[HEADER_BYTES + i] ?? 0;
    const page = await this.#reader.peek(total);
    if (page.length < total || head.length < HEADER_BYTES) {
      this.#cutShort = true;
      return 'end';
    }
    return checksum(page) === page.readUInt32LE(CHECKSUM_OFFSET) ? page : null;
  }

  async #skipToSignature(): Promise<void> {
    const ahead = await this.#reader.peek(65_536);
    const at = ahead.indexOf(SIGNATURE, 1);
    // Three bytes may be the beginning of the next signature.
    await this.#reader.skip(at >= 0 ? at : Math.max(1, ahead.length - 3));
  }
}

function checksum(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + 4 ? 0 : page[i]!;
    crc = ((crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ byte) & 0xff]!) >>> 0;
  }
  return crc;
}
