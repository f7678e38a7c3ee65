/**
 * A clock that counts only while the process runs, ms. Whoever asks more than `maxStepMs` after the last time was held
 * up: a suspended process, a machine that was moved, a full event loop. What clients did meanwhile is not read yet, so
 * that time must not count against them. It never goes back.
 * @param maxStepMs several times the interval at which the clock is asked anyway
 */
export function awakeClock(nowMs: () => number, maxStepMs: number): () => number {
  let awakeMs = 0;
  let askedAtMs = nowMs();
  return () => {
    const atMs = nowMs();
    awakeMs += Math.min(Math.max(0, atMs - askedAtMs), maxStepMs);
    askedAtMs = atMs;
    return awakeMs;
  };
}
