/** A signal that aborts after a time, unless it is cleared. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** In time: nothing aborts any more. */
  readonly clear: () => void;
}

/** `AbortSignal.timeout`, which Chrome has since 103 and Safari since 16, for older browsers too. */
export function abortAfter(ms: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort();
  }, ms);
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
    },
  };
}
