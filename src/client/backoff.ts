export interface BackoffOptions {
  /** Ceiling of the first wait, ms. */
  readonly firstMs: number;
  /** Ceiling of every wait, ms. */
  readonly mostMs: number;
}

/**
 * How long to wait before attempt `attempt` (0, 1, 2 ...) to connect again: at random between half of a
 * ceiling and the ceiling, which doubles each time. The randomness keeps the clients of a server that was
 * restarted from coming back all at once.
 */
export function backoffMs(attempt: number, { firstMs, mostMs }: BackoffOptions, random: number): number {
  const ceiling = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling * (0.5 + 0.5 * random));
}
