import { expect, test, vi } from 'vitest';
import type { IdentifyEvent } from '../../src/tracker/index.js';

// Colours are decided on when their library is loaded.
vi.stubEnv('FORCE_COLOR', '1');
vi.resetModules();
const { TimelinePrinter } = await import('../../src/cli/timeline.js');

const SECOND = 16_000;
const [CYAN, MAGENTA, WHITE] = ['\x1b[36m', '\x1b[35m', '\x1b[37m'];

/** A timeline of what was heard, and the colours of the blocks in the last line that it drew. */
function timeline(speakers: readonly string[]) {
  let written = '';
  const out = { columns: 100, write: (text: string) => ((written += text), true) };
  const printer = new TimelinePrinter(speakers, () => undefined, out as unknown as NodeJS.WriteStream);
  const at = (seconds: number): void => {
    vi.useFakeTimers({ now: Date.now() + 1000 });
    printer.progress(seconds * SECOND);
    vi.useRealTimers();
  };
  const blocks = (): string[] =>
    [...written.slice(written.lastIndexOf('\r')).matchAll(/(\x1b\[\d+m)█/g)].map(([, colour]) => colour!);
  return { printer, at, blocks };
}

const turn = (number: number, from: number, to: number, speaker: string) => ({
  turn: number,
  revision: 1,
  startSample: from * SECOND,
  endSample: to * SECOND,
  atSample: to * SECOND,
  speaker,
  known: !speaker.startsWith('unknown'),
  score: 0.5,
  probability: 0.9,
  overlap: false,
  others: [],
});

test('a correction and a name change the colour of what is still to be seen', () => {
  const { printer, at, blocks } = timeline(['alice']);
  const tell = (event: object): void => {
    printer.event(event as IdentifyEvent);
  };
  tell({ type: 'tentative', ...turn(0, 0, 1, 'alice') });
  tell({ type: 'tentative', ...turn(1, 2, 3, 'unknown-1') });
  tell({ type: 'tentative', ...turn(2, 3, 4, 'alice') });
  at(4);
  expect(blocks()).toEqual([CYAN, CYAN, CYAN, CYAN, WHITE, WHITE, CYAN, CYAN]);
  // The first turn was the stranger's; the last one is alice's as it was.
  tell({ type: 'correction', ...turn(0, 0.1, 1.9, 'unknown-1'), was: 'alice' });
  expect(blocks()).toEqual([WHITE, WHITE, WHITE, WHITE, WHITE, WHITE, CYAN, CYAN]);
  tell({ type: 'named', atSample: 4 * SECOND, label: 'unknown-1', speaker: 'dana' });
  tell({ type: 'correction', ...turn(1, 2, 3, 'dana'), was: 'unknown-1' });
  expect(blocks()).toEqual([WHITE, WHITE, WHITE, WHITE, MAGENTA, MAGENTA, CYAN, CYAN]);
});
