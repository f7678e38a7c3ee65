/** A stream in which the answers are this far behind says so. */
const LAG_TOLD_SECONDS = 1;
const LAG_OVER_SECONDS = 0.5;
const LAG_EVERY_MS = 1000;

/** When a client is told how far behind the answers are: while they are, at intervals, and once when it is over. */
export class LagTeller {
  #toldAtMs: number | null = null;

  /** Asking counts as telling, where the answer is yes. */
  isWorthTelling(behindSeconds: number, nowMs: number): boolean {
    const isOver = this.#toldAtMs !== null && behindSeconds < LAG_OVER_SECONDS;
    const isDue = behindSeconds > LAG_TOLD_SECONDS && nowMs - (this.#toldAtMs ?? -Infinity) >= LAG_EVERY_MS;
    if (!isOver && !isDue) return false;
    this.#toldAtMs = isOver ? null : nowMs;
    return true;
  }
}
