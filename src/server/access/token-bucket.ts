/** Lets through `perSecond` on average and `burst` at once. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
    this.#atMs = nowMs;
  }

  /** Take `count`, even where it leaves a debt. Returns how long to wait until the debt is paid, ms; 0: none. */
  take(count: number, nowMs: number): number {
    this.#refill(nowMs);
    this.#left -= count;
    return this.#left >= 0 ? 0 : (-this.#left / this.#perSecond) * 1000;
  }

  /** Take one where there is one. */
  tryTake(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  #refill(nowMs: number): void {
    const passed = Math.max(0, nowMs - this.#atMs) / 1000;
    this.#left = Math.min(this.#burst, this.#left + passed * this.#perSecond);
    this.#atMs = nowMs;
  }
}
