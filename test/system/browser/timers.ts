/** What the contract uses of `node:timers/promises`, for browsers. */
export function setTimeout(ms: number): Promise<void> {
  return new Promise((resolve) => {
    globalThis.setTimeout(resolve, ms);
  });
}
