import { expect, test } from 'vitest';
import { spansOf } from '../../src/turns/spans.js';
import type { Turn } from '../../src/turns/turn-search.js';
import { TurnVoice } from '../../src/turns/turn-voice.js';

/** A chain of [label, start], oldest first. */
function chain(...turns: [label: number, startSample: number][]): Turn {
  let last: Turn | null = null;
  for (const [label, startSample] of turns)
    last = { label, startSample, voice: TurnVoice.SILENT, previous: last };
  return last!;
}

const show = (last: Turn, from: number, to: number, min: number): string =>
  spansOf(last, from, to, min)
    .map(({ label, startSample, endSample }) => `${label}:${startSample}-${endSample}`)
    .join(' ');

test('spans tile the asked range, whatever part of the path it is', () => {
  const path = chain([1, 0], [2, 100], [1, 200]);
  expect(show(path, 0, 300, 10)).toBe('1:0-100 2:100-200 1:200-300');
  expect(show(path, 120, 250, 10)).toBe('2:120-200 1:200-250');
  expect(show(path, 0, 150, 10)).toBe('1:0-100 2:100-150');
  expect(show(chain([3, 50]), 0, 80, 10)).toBe('3:0-80');
});

test('a short turn goes to the one before, a short first one to the one after', () => {
  expect(show(chain([1, 0], [2, 100], [3, 105]), 0, 200, 10)).toBe('1:0-105 3:105-200');
  expect(show(chain([1, 0], [2, 5]), 0, 200, 10)).toBe('2:0-200');
  expect(show(chain([1, 0], [2, 100]), 0, 105, 10)).toBe('1:0-105');
  expect(show(chain([1, 0]), 0, 5, 10)).toBe('1:0-5');
});

test('where one voice is told apart from itself, both parts stay: it may be two people', () => {
  expect(show(chain([1, 0], [2, 100], [1, 105]), 0, 200, 10)).toBe('1:0-105 1:105-200');
});
