import { afterEach, expect, test, vi } from 'vitest';
import { BatchProgress, batchView } from '../../../src/cli/diarize/batch-view.js';
import { Terminal } from '../terminal.js';

afterEach(() => {
  vi.useRealTimers();
});

function stream(columns: number, isTTY: boolean) {
  const terminal = new Terminal(columns, 10);
  const write = (text: string): boolean => terminal.write(text);
  return { terminal, out: { isTTY, columns, rows: 10, write } as unknown as NodeJS.WriteStream };
}

test('recordings count by their size, a failed one like a done one', () => {
  const progress = new BatchProgress([100, 300], () => 0);
  progress.heard(1, 0.5);
  expect(progress.share).toBeCloseTo(150 / 400, 9);
  progress.over(0);
  progress.over(1);
  expect([progress.share, progress.done]).toEqual([1, 2]);
  expect(new BatchProgress([0, 0], () => 0).share).toBe(0);
});

test('on a terminal a bar is drawn in place, and what is printed stays above', () => {
  vi.useFakeTimers({ now: 0 });
  const { terminal, out } = stream(60, true);
  const progress = new BatchProgress([100, 100, 200]);
  const view = batchView(progress, out);
  vi.advanceTimersByTime(60_000);
  progress.over(0);
  view.update();
  expect(terminal.screen).toEqual(['██████·················  25 %  3:00 left  1 of 3 recordings']);
  view.around(() => terminal.write('a  00:10.0  alice 100 %\r\n'));
  vi.advanceTimersByTime(60_000);
  progress.over(1);
  view.update();
  expect(terminal.screen).toEqual([
    'a  00:10.0  alice 100 %',
    '████████████···········  50 %  2:00 left  2 of 3 recordings',
  ]);
  view.close();
  expect(terminal.screen).toEqual(['a  00:10.0  alice 100 %', '']);
});

test.each([8, 25, 40])('on %d columns it does not scroll', (columns) => {
  const { terminal, out } = stream(columns, true);
  const view = batchView(new BatchProgress([1, 1]), out);
  for (let i = 0; i < 30; i++) {
    view.around(() => undefined);
  }
  expect(terminal.scrolled).toEqual([]);
  expect(terminal.screen).toHaveLength(1);
});

test('off a terminal there is a line a minute', () => {
  vi.useFakeTimers({ now: 0 });
  const { terminal, out } = stream(80, false);
  const progress = new BatchProgress([100, 300]);
  const view = batchView(progress, out);
  progress.heard(0, 0.8);
  view.update();
  vi.advanceTimersByTime(59_000);
  expect(terminal.screen).toEqual(['']);
  vi.advanceTimersByTime(1000);
  expect(terminal.screen).toEqual(['20 %, 4:00 left, 0 of 2 recordings', '']);
  view.close();
  vi.advanceTimersByTime(600_000);
  expect(terminal.screen).toHaveLength(2);
});
