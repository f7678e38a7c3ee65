/**
 * One column for each row (or one row for each column, where there are fewer columns) so that the sum of
 * the chosen weights is largest: the assignment problem, by successive shortest augmenting paths with
 * potentials (Kuhn 1955, Munkres 1957; in this O(n^3) form Jonker and Volgenant 1987).
 *
 * `weights`: rows x columns. Returns the column of each row, -1 where a row got none.
 */
export function assignLargest(weights: readonly (readonly number[])[]): number[] {
  const rows = weights.length;
  const columns = weights[0]?.length ?? 0;
  const size = Math.max(rows, columns);
  const cost = (row: number, column: number): number => -(weights[row]?.[column] ?? 0);
  const rowPotential = new Float64Array(size);
  const columnPotential = new Float64Array(size + 1);
  /** Row assigned to a column; column `size` is where the search for a new row starts. */
  const rowOf = new Int32Array(size + 1).fill(-1);
  const before = new Int32Array(size + 1);
  for (let row = 0; row < size; row++) {
    const distance = new Float64Array(size).fill(Infinity);
    const visited = new Uint8Array(size + 1);
    let column = size;
    rowOf[size] = row;
    while (rowOf[column] !== -1) {
      visited[column] = 1;
      const from = rowOf[column]!;
      let next = -1;
      for (let j = 0; j < size; j++) {
        if (visited[j]) continue;
        const reduced = cost(from, j) - rowPotential[from]! - columnPotential[j]!;
        if (reduced < distance[j]!) {
          distance[j] = reduced;
          before[j] = column;
        }
        if (next === -1 || distance[j]! < distance[next]!) next = j;
      }
      const delta = distance[next]!;
      for (let j = 0; j <= size; j++) {
        if (visited[j]) {
          rowPotential[rowOf[j]!]! += delta;
          columnPotential[j]! -= delta;
        } else if (j < size) distance[j]! -= delta;
      }
      column = next;
    }
    while (column !== size) {
      const previous = before[column]!;
      rowOf[column] = rowOf[previous]!;
      column = previous;
    }
  }
  const columnOf = new Array<number>(rows).fill(-1);
  for (let column = 0; column < columns; column++) {
    if (rowOf[column]! < rows) columnOf[rowOf[column]!] = column;
  }
  return columnOf;
}
