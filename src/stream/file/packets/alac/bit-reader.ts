/** Bits of a packet, the highest of each byte first. Beyond the end it throws. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @param count 0 to 32 */
  unsigned(count: number): number {
    const value = this.#peek(count);
    this.skip(count);
    return value;
  }

  /** @param count 1 to 32 */
  signed(count: number): number {
    return (this.unsigned(count) << (32 - count)) >> (32 - count);
  }

  skip(count: number): void {
    this.#bit += count;
    if (this.#bit > this.#bytes.length * 8) throw new Error('a packet ends too early');
  }

  /** On to the next whole byte. */
  align(): void {
    this.#bit = Math.ceil(this.#bit / 8) * 8;
  }

  /** Another reader of the same bytes, from here on. */
  fork(): BitReader {
    const fork = new BitReader(this.#bytes);
    fork.#bit = this.#bit;
    return fork;
  }

  /** Ones up to the next zero, which is taken too; of `most` ones no zero follows. */
  ones(most: number): number {
    let count = 0;
    while (count < most && this.unsigned(1) === 1) count += 1;
    return count;
  }

  /** As the rest of a code word: 0 takes a bit less than `count`, every other value is one less than it says. */
  shortened(count: number): number {
    const value = this.#peek(count);
    this.skip(value < 2 ? count - 1 : count);
    return value < 2 ? 0 : value - 1;
  }

  #peek(count: number): number {
    if (count === 0) return 0;
    const at = this.#bit >>> 3;
    const bytes = this.#bytes;
    const high =
      (((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0)) >>>
      0;
    const shift = this.#bit & 7;
    const word = ((high << shift) | ((bytes[at + 4] ?? 0) >> (8 - shift))) >>> 0;
    return word >>> (32 - count);
  }
}
