/** The core runs on the worker's own thread. */
export function defaultThreads(): number {
  return 1;
}
