import { Console } from 'node:console';
import { Writable } from 'node:stream';

/** What decoders print of one piece is of use only for the first lines. */
const MAX_LINES = 64;
let lines: string[] = [];

/** Keep what decoders print: some tell of damage in no other way, and nobody reads this process's output. */
export function keepPrinted(): void {
  const sink = new Writable({
    decodeStrings: false,
    write: (text: string, _, done) => {
      if (lines.length < MAX_LINES) lines.push(text.trim());
      done();
    },
  });
  globalThis.console = new Console({ stdout: sink, stderr: sink });
}

/** What was printed since this was asked last. */
export function takePrinted(): readonly string[] {
  const taken = lines;
  lines = [];
  return taken;
}
