/** Rows of `size` numbers with positions from the start of a stream: appended at the end, dropped at the start. */
export class Rows {
  #data = new Float32Array(0);
  #start = 0;
  #end = 0;

  constructor(private readonly size: number) {}

  /** Position of the first row that is still held. */
  get start(): number {
    return this.#start;
  }

  /** One past the last row. */
  get end(): number {
    return this.#end;
  }

  append(values: Float32Array): void {
    const held = (this.#end - this.#start) * this.size;
    if (held + values.length > this.#data.length) {
      const grown = new Float32Array(Math.max(2 * held, held + values.length));
      grown.set(this.#data.subarray(0, held));
      this.#data = grown;
    }
    this.#data.set(values, held);
    this.#end += values.length / this.size;
  }

  appendZeros(count: number): void {
    this.append(new Float32Array(count * this.size));
  }

  /** A copy of rows `from` to `to` - 1, all of which are held. */
  slice(from: number, to: number): Float32Array {
    return this.#data.slice((from - this.#start) * this.size, (to - this.#start) * this.size);
  }

  dropBefore(position: number): void {
    const to = Math.min(position, this.#end);
    if (to <= this.#start) return;
    this.#data.copyWithin(0, (to - this.#start) * this.size, (this.#end - this.#start) * this.size);
    this.#start = to;
  }
}
