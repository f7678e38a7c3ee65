/** Lines of two columns; the first as wide as its widest. */
export function aligned(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
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
