/** The value below which `share` of the list lies, by rank. */
export function percentile(list: readonly number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (list: readonly number[]): number => percentile(list, 0.5);

/** minimum / median / maximum */
export function spread(list: readonly number[]): string {
  return [0, 0.5, 1].map((share) => percentile(list, share).toFixed(2)).join(' / ');
}

/** CPU time of this process so far, ms: every thread of it. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
