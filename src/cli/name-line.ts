import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

export interface NameLineOptions {
  /** What is typed so far, after each key. */
  readonly onChange: (text: string) => void;
  /** A whole line, at Enter. */
  readonly onLine: (text: string) => void;
}

/**
 * A line that is edited at the keyboard while the screen is somebody else's: readline keeps it, and whoever draws
 * shows it. Meanwhile the terminal sends Ctrl-C as a key; it becomes the signal again, and the keyboard is given back.
 * Returns how to give it back.
 */
export function nameLine(
  { onChange, onLine }: NameLineOptions,
  input: NodeJS.ReadStream = process.stdin,
): () => void {
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const line = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  // Readline listens to keys too, and first: its line is as it is after the key.
  const onKey = (): void => {
    onChange(line.line);
  };
  input.on('keypress', onKey);
  line.on('line', onLine);
  line.once('SIGINT', () => {
    line.close();
    process.kill(process.pid, 'SIGINT');
  });
  line.once('close', () => {
    input.removeListener('keypress', onKey);
    onChange('');
  });
  return () => {
    line.close();
  };
}
