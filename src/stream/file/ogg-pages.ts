import type { ByteReader } from './byte-reader.js';
import { CHECKSUM_OFFSET, GRANULE_OFFSET, PAGE_HEADER_BYTES, pageChecksum } from './ogg-page.js';

const SIGNATURE = 'OggS';
const MAX_PAGE_BYTES = PAGE_HEADER_BYTES + 255 + 255 * 255;

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
      if (page === 'end') {
        const rest = salvage(await this.#reader.peek(MAX_PAGE_BYTES));
        if (rest) yield rest;
        return;
      }
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
    const head = await this.#reader.peek(PAGE_HEADER_BYTES + 255);
    if (head.length === 0) return 'end';
    if (head.toString('latin1', 0, 4) !== SIGNATURE) return null;
    const segments = head[PAGE_HEADER_BYTES - 1] ?? 0;
    let total = PAGE_HEADER_BYTES + segments;
    for (let i = 0; i < segments; i++) total += head[PAGE_HEADER_BYTES + i] ?? 0;
    const page = await this.#reader.peek(total);
    if (page.length < total || head.length < PAGE_HEADER_BYTES) {
      this.#cutShort = true;
      return 'end';
    }
    return pageChecksum(page) === page.readUInt32LE(CHECKSUM_OFFSET) ? page : null;
  }

  async #skipToSignature(): Promise<void> {
    const ahead = await this.#reader.peek(65_536);
    const at = ahead.indexOf(SIGNATURE, 1);
    // Three bytes may be the beginning of the next signature.
    await this.#reader.skip(at >= 0 ? at : Math.max(1, ahead.length - 3));
  }
}

/** A page of the packets that are complete in one that is cut short, or null where there are none. */
function salvage(cut: Buffer): Buffer | null {
  if (cut.length < PAGE_HEADER_BYTES || cut.toString('latin1', 0, 4) !== SIGNATURE) return null;
  const segments = cut[PAGE_HEADER_BYTES - 1]!;
  const body = PAGE_HEADER_BYTES + segments;
  let whole = { segments: 0, bytes: 0 };
  let bytes = 0;
  for (let i = 0; i < segments; i++) {
    const lacing = cut[PAGE_HEADER_BYTES + i] ?? 255;
    bytes += lacing;
    if (body + bytes > cut.length) break;
    // A value below 255 ends a packet.
    if (lacing < 255) whole = { segments: i + 1, bytes };
  }
  if (whole.segments === 0) return null;
  const header = Buffer.from(cut.subarray(0, PAGE_HEADER_BYTES + whole.segments));
  header.writeBigInt64LE(-1n, GRANULE_OFFSET);
  header[PAGE_HEADER_BYTES - 1] = whole.segments;
  const page = Buffer.concat([header, cut.subarray(body, body + whole.bytes)]);
  page.writeUInt32LE(pageChecksum(page), CHECKSUM_OFFSET);
  return page;
}
