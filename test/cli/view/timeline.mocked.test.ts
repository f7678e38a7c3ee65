import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { IdentifyEvent } from '../../../src/tracker/index.js';
import { correction, final, named, span, tentative } from '../events.js';
import { Terminal } from '../terminal.js';

// Colours are decided on when their library is loaded.
vi.stubEnv('FORCE_COLOR', '1');
vi.resetModules();
const { TimelinePrinter } = await import('../../../src/cli/view/timeline.js');

const SECOND = 16_000;
const [CYAN, MAGENTA, WHITE] = ['\x1b[36m', '\x1b[35m', '\x1b[37m'];

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Setting {
  readonly columns?: number;
  readonly rows?: number;
  readonly speakers?: readonly string[];
  readonly seconds?: number;
  readonly live?: boolean;
}

function timeline({ columns = 60, rows = 20, speakers = ['alice'], seconds, live = true }: Setting) {
  const terminal = new Terminal(columns, rows);
  let written = '';
  const out = {
    get columns() {
      return terminal.columns;
    },
    rows,
    write: (text: string) => ((written += text), terminal.write(text)),
  } as unknown as NodeJS.WriteStream;
  const durationSamples = () => (seconds === undefined ? undefined : seconds * SECOND);
  const printer = new TimelinePrinter({ speakers, live, durationSamples, out });
  return {
    printer,
    terminal,
    /** A tenth of a second of time for each that is heard. */
    heard: (at: number, ...events: IdentifyEvent[]) => {
      for (const event of events) printer.event(event);
      vi.advanceTimersByTime(1000);
      printer.progress(at * SECOND);
    },
    /** Colours of what was drawn last. */
    colours: () => written.slice(written.lastIndexOf('\r')),
  };
}

test('a live view has a lane a speaker over a time scale, and turns scroll by above', () => {
  const { printer, terminal, heard } = timeline({ columns: 60 });
  heard(4, tentative(0, 'alice', 0, 3, 0.91));
  expect(terminal.screen.slice(0, 1)).toEqual(['alice  ' + '·'.repeat(44) + '█'.repeat(8)]);
  heard(8, final(0, 'alice', 0, 4), tentative(1, 'unknown-1', 5, 8, 0.6));
  expect(terminal.screen).toEqual([
    '00:00.0 - 00:04.0  alice  90 %',
    'alice      ' + '·'.repeat(32) + '█'.repeat(8) + '·'.repeat(8),
    'unknown-1  ' + '·'.repeat(42) + '█'.repeat(6),
    ' '.repeat(43) + '|0:00     |0:05',
    '00:08.0  unknown-1 60 %',
  ]);
  // The scale moves with the time.
  heard(30, { type: 'silence', startSample: 8 * SECOND, atSample: 9 * SECOND });
  expect(terminal.screen.at(-2)).toBe(`${' '.repeat(19)}|0:10     |0:15     |0:20     |0:25`);
  printer.close();
  expect(terminal.screen).toEqual(['00:00.0 - 00:04.0  alice  90 %', '']);
});

test('a correction and a name move what is still to be seen to its lane, in its colour', () => {
  const { heard, terminal, colours } = timeline({});
  const first = final(0, 'alice', 0, 1);
  heard(4, first, final(1, 'unknown-1', 2, 3), tentative(2, 'alice', 3, 4));
  const lanes = () => terminal.screen.filter((line) => /[█·]/.test(line)).map((line) => line.slice(-8));
  expect(lanes()).toEqual(['██····██', '····██··']);
  expect(colours()).toContain(`${CYAN}██`);
  expect(colours()).toContain(`${WHITE}██`);
  // The first turn was the stranger's; the last one is alice's as it was.
  heard(4, correction(first, 'unknown-1'));
  expect(lanes()).toEqual(['██··██··', '······██']);
  heard(4, named('unknown-1', 'dana', 4), correction(final(1, 'unknown-1', 2, 3), 'dana'));
  expect(lanes()).toEqual(['██······', '····██··', '······██']);
  expect(colours()).toContain(`${MAGENTA}██`);
});

test('a recording is shown whole, with the time that is left, and listed once at the end', () => {
  const { printer, heard, terminal } = timeline({ seconds: 120, live: false });
  heard(0);
  heard(30, final(0, 'alice', 0, 24));
  heard(60, final(1, 'bob', 48, 60));
  expect(terminal.screen).toEqual([
    'alice  ' + '█'.repeat(10) + '▒' + '·'.repeat(41),
    'bob    ' + '·'.repeat(20) + '▒' + '█'.repeat(5) + '·'.repeat(26),
    '       |0:00        |0:30        |1:00        |1:30',
    '01:00.0  silence  50 %  0:02 left  30x real time',
  ]);
  printer.close();
  expect(terminal.screen).toEqual([
    '00:00.0 - 00:24.0  alice  90 %',
    '00:48.0 - 01:00.0  bob  90 %',
    '',
    'talk time',
    '  alice  00:24.0   67 %',
    '  bob    00:12.0   33 %',
    '',
  ]);
});

test('who speaks beside somebody has a lane too', () => {
  const { heard, terminal } = timeline({ speakers: ['alice'] });
  const overlaps = [
    { ...span(2, 3), other: 'bob' },
    { ...span(3, 4), other: null },
  ];
  heard(4, { ...final(0, 'alice', 0, 4), overlaps });
  expect(terminal.screen.slice(1, 3).map((line) => line.slice(-8))).toEqual(['████████', '····██··']);
  expect(terminal.screen[2]).toMatch(/^bob/);
});

test('with nobody enrolled no probability is shown', () => {
  const { heard, terminal } = timeline({ speakers: [] });
  heard(3, tentative(0, 'unknown-1', 0, 3, 0.6));
  expect(terminal.screen.at(-1)).toBe('00:03.0  unknown-1');
});

test.each([1, 5, 12, 29, 30, 45, 200])('on %d columns it is drawn in place, and never scrolls', (columns) => {
  const { printer, heard, terminal } = timeline({ columns, rows: 6, seconds: 3700, live: false });
  const names = ['Maximiliane von Übermut', '山田太郎', 'unknown-1', 'bob', 'unknown-2', 'eve', 'mallory'];
  names.forEach((name, i) => {
    heard(500 * i + 400, tentative(i, name, 500 * i, 500 * i + 400), final(i, name, 500 * i, 500 * i + 400));
  });
  printer.typed('unknown-1=a rather long name that somebody types');
  printer.typed('');
  expect(terminal.scrolled).toEqual([]);
  expect(terminal.screen).toHaveLength(columns < 30 ? 1 : 5);
});

test('a terminal that was made narrower is cleaned of what it wrapped', () => {
  const { printer, terminal, heard } = timeline({ columns: 80, rows: 20 });
  heard(40, final(0, 'alice', 0, 4), tentative(1, 'bob', 5, 40));
  terminal.resize(35);
  heard(41);
  printer.close();
  expect(terminal.screen).toEqual(['00:00.0 - 00:04.0  alice  90 %', '']);
});
