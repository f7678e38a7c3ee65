/** Lines of two columns; the first as wide as its widest. */
export function aligned(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

/** Rows of columns, each as wide as its widest; the first is a name, the others numbers. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const padded = (cell: string, i: number): string =>
    i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
  return rows.map((row) => `${row.map(padded).join('  ')}\n`).join('');
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(2)} %` : '-';
}

export function secondsText(seconds: number): string {
  return Number.isFinite(seconds) ? `${seconds.toFixed(2)} s` : '-';
}

/** NaN, which JSON cannot hold, as null. */
export function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
