/** Reads a pickle stream front to back; every read is checked against the end. */
export class ByteReader {
  private readonly view: DataView;
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    /** Makes the error for a stream that stops short or breaks the grammar. */
    readonly fail: (what: string) => Error,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  /** A 64-bit length; one beyond the file fails where it is used. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.advance(8), true));
  }

  /** Pickle's one big-endian number. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  take(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  text(length: number, encoding: 'utf-8' | 'latin1' = 'utf-8'): string {
    return new TextDecoder(encoding).decode(this.take(length));
  }

  /** Up to and without the newline, as protocol 0 ends its arguments. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0 || end - this.at > 4096) throw this.fail('a text argument has no end');
    const text = this.text(end - this.at, 'latin1');
    this.at = end + 1;
    return text;
  }

  /** Two's complement, little-endian. */
  long(length: number): number | bigint {
    if (length > 1024) throw this.fail(`an integer of ${length} bytes`);
    let value = 0n;
    const bytes = this.take(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    if (length > 0 && bytes[length - 1]! & 0x80) value -= 1n << BigInt(8 * length);
    return narrow(value);
  }

  private advance(length: number): number {
    const start = this.at;
    if (!(length >= 0 && start + length <= this.bytes.length)) throw this.fail('it stops short');
    this.at = start + length;
    return start;
  }
}

/** A number where that is exact. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
