import { expect, test } from 'vitest';
import { finalLine } from '../../src/cli/printer.js';
import type { FinalEvent } from '../../src/index.js';

const span = (start: number, end: number) => ({ startSample: start * 16_000, endSample: end * 16_000 });
const final: FinalEvent = {
  type: 'final',
  turn: 0,
  revision: 1,
  ...span(4.5, 10.1),
  atSample: 12 * 16_000,
  speaker: 'bob',
  known: true,
  score: 0.83,
  probability: 0.9,
  overlap: false,
  others: [],
  speech: [span(4.5, 10.1)],
  overlaps: [],
};

test('a finished turn is a line, which says for how long two were heard at once, and with whom', () => {
  expect(finalLine(final)).toBe('00:04.5 - 00:10.1  bob  0.83');
  const two = [
    { ...span(5, 5.75), other: 'alice' },
    { ...span(9, 9.5), other: null },
  ];
  const together = { ...final, overlap: true, overlaps: two };
  expect(finalLine({ ...together, others: ['alice'] })).toBe(
    '00:04.5 - 00:10.1  bob  0.83  overlap 1.3 s with alice',
  );
  expect(finalLine({ ...together, overlaps: two.slice(1) }, (name) => `<${name}>`)).toBe(
    '00:04.5 - 00:10.1  <bob>  0.83  overlap 0.5 s',
  );
});
