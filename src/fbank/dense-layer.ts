/** Rows whose sums run side by side: each number of the vector is read once for all of them. */
const GROUP = 8;

/**
 * bias + matrix x vector, for small matrices. `matrix`: rows x columns, row-major; rows a multiple of 8.
 * The matrix is kept eight rows at a time, column by column.
 */
export class DenseLayer {
  readonly #rows: number;
  readonly #columns: number;
  readonly #packed: Float64Array;
  readonly #bias: Float64Array;

  constructor(matrix: Float64Array, bias: Float64Array) {
    this.#rows = bias.length;
    this.#columns = matrix.length / bias.length;
    this.#bias = bias;
    this.#packed = matrix.map((_, at) => {
      const inGroup = at % (GROUP * this.#columns);
      const row = at - inGroup + (inGroup % GROUP) * this.#columns;
      return matrix[row + Math.floor(inGroup / GROUP)]!;
    });
  }

  /** `vector`: columns; `out`: receives rows. */
  apply(vector: Float64Array, out: Float64Array): void {
    const packed = this.#packed;
    const bias = this.#bias;
    const columns = this.#columns;
    const rows = this.#rows;
    for (let row = 0, at = 0; row < rows; row += GROUP) {
      let a = bias[row]!;
      let b = bias[row + 1]!;
      let c = bias[row + 2]!;
      let d = bias[row + 3]!;
      let e = bias[row + 4]!;
      let f = bias[row + 5]!;
      let g = bias[row + 6]!;
      let h = bias[row + 7]!;
      for (let k = 0; k < columns; k++, at += GROUP) {
        const x = vector[k]!;
        a += packed[at]! * x;
        b += packed[at + 1]! * x;
        c += packed[at + 2]! * x;
        d += packed[at + 3]! * x;
        e += packed[at + 4]! * x;
        f += packed[at + 5]! * x;
        g += packed[at + 6]! * x;
        h += packed[at + 7]! * x;
      }
      out[row] = a;
      out[row + 1] = b;
      out[row + 2] = c;
      out[row + 3] = d;
      out[row + 4] = e;
      out[row + 5] = f;
      out[row + 6] = g;
      out[row + 7] = h;
    }
  }
}
