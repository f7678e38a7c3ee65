/**
 * At the first Ctrl-C (or other of `signals`) call `first`; the second ends the program as if nobody had listened.
 * Returns how to listen no more.
 *
 * The listener stays after the first one: a library that cleans up at a signal ends the program where nobody else listens.
 */
export function onInterrupt(first: () => void, signals: readonly NodeJS.Signals[] = ['SIGINT']): () => void {
  let isInterrupted = false;
  const interrupt = (signal: NodeJS.Signals): void => {
    if (isInterrupted) {
      stop();
      process.kill(process.pid, signal);
      return;
    }
    isInterrupted = true;
    first();
  };
  const stop = (): void => {
    for (const signal of signals) process.removeListener(signal, interrupt);
  };
  for (const signal of signals) process.on(signal, interrupt);
  return stop;
}
