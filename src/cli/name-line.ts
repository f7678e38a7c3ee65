import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

export interface NameLineOptions {
  /** What is typed so far, after each key; nothing once the keyboard was given back. */
  readonly onChange: (text: string) => void;
  /** A whole line, at Enter. */
  readonly onLine: (text: string) => void;
  /** The keyboard was given back, by Ctrl-C or Ctrl-D among others. */
  readonly onClose: () => void;
}

/** They end the program, which must not leave the terminal without its line editing. */
const ENDS = ['SIGTERM', 'SIGHUP'] as const;

/**
 * A line that is edited at the keyboard while the screen is somebody else's: readline keeps it, and whoever draws
 * shows it. Meanwhile the terminal sends Ctrl-C as a key; it becomes the signal again, and the keyboard is given back.
 * Returns how to give it back.
 */
export function nameLine(
  { onChange, onLine, onClose }: NameLineOptions,
  input: NodeJS.ReadStream = process.stdin,
): () => void {
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const line = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  let isOpen = true;
  // Readline listens to keys too, and first: its line is as it is after the key.
  const onKey = (): void => {
    if (isOpen) onChange(line.line);
  };
  const onEnd = (signal: NodeJS.Signals): void => {
    line.close();
    process.kill(process.pid, signal);
  };
  input.on('keypress', onKey);
  for (const signal of ENDS) process.once(signal, onEnd);
  line.on('line', onLine);
  // After Ctrl-Z and `fg` readline stays paused, and would hear no key any more.
  line.on('SIGCONT', () => {
    line.resume();
  });
  line.once('SIGINT', () => {
    line.close();
    // Not `process.kill`, which on Windows ends the program whoever listens.
    process.emit('SIGINT', 'SIGINT');
  });
  line.once('close', () => {
    isOpen = false;
    input.removeListener('keypress', onKey);
    for (const signal of ENDS) process.removeListener(signal, onEnd);
    onChange('');
    onClose();
  });
  return () => {
    line.close();
  };
}
