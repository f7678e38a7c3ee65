import { afterEach, expect, test, vi } from 'vitest';
import { withMinuteLine } from '../../../src/cli/view/minute-line.js';
import { TroublePrinter } from '../../../src/cli/view/printer.js';

const SECOND = 16_000;

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [
    3600,
    '5:00 of 1:00:00, 8 %, 11:00 left, 5.0x real time',
    '20:00 of 1:00:00, 33 %, 4:00 left, 10x real time',
  ],
  [undefined, '5:00, 5.0x real time', '20:00, 10x real time'],
])('a line a minute says how far a source of %s s is read', (seconds, ...expected) => {
  vi.useFakeTimers({ now: 5000 });
  const lines: string[] = [];
  const printer = withMinuteLine(
    new TroublePrinter(),
    () => (seconds === undefined ? undefined : seconds * SECOND),
    (text) => lines.push(text),
  );
  printer.progress(0);
  vi.advanceTimersByTime(59_000);
  expect(lines).toEqual([]);
  printer.progress(300 * SECOND);
  vi.advanceTimersByTime(1000);
  printer.progress(1200 * SECOND);
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual(expected.map((line) => `${line}\n`));
  printer.close();
  vi.advanceTimersByTime(600_000);
  expect(lines).toHaveLength(2);
});
