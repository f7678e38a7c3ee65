const HEADER_BYTES = 27;

/** Follows the pages of an Ogg stream (RFC 3533) to tell whether the last one is complete. */
export class OggPages {
  /** Bytes of the page under way that are still to come. */
  #left = 0;
  #header: number[] = [];

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const take = Math.min(this.#left, bytes.length - at);
        this.#left -= take;
        at += take;
        continue;
      }
      this.#header.push(bytes[at++]!);
      this.#readHeader();
    }
  }

  /** True where the stream stopped inside a page. */
  get cutShort(): boolean {
    return this.#left > 0 || this.#header.length > 0;
  }

  #readHeader(): void {
    const header = this.#header;
    const signature = [0x4f, 0x67, 0x67, 0x53]; // OggS
    if (header.length <= 4 && header[header.length - 1] !== signature[header.length - 1]) {
      // Not a page: trailing bytes that belong to nothing.
      this.#header = [];
      return;
    }
    if (header.length < HEADER_BYTES) return;
    const segments = header[26]!;
    if (header.length < HEADER_BYTES + segments) return;
    for (let i = 0; i < segments; i++) this.#left += header[HEADER_BYTES + i]!;
    this.#header = [];
  }
}
