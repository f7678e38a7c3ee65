import { expect, test } from 'vitest';
import { correctionLine, turnLine } from '../../../src/cli/view/turn-line.js';
import { percentText } from '../../../src/transcript/readable.js';
import { correction, final, span } from '../events.js';

const NAMED = { hasNames: true };
const bob = final(0, 'bob', 4.5, 10.1, 0.834);

test('a finished turn is a line with a probability, and for how long two were heard at once, and with whom', () => {
  expect(turnLine(bob, NAMED)).toBe('00:04.5 - 00:10.1  bob  83 %');
  const two = [
    { ...span(5, 5.75), other: 'alice' },
    { ...span(9, 9.5), other: null },
  ];
  const together = { ...bob, overlap: true, overlaps: two };
  expect(turnLine({ ...together, others: ['alice'] }, NAMED)).toBe(
    '00:04.5 - 00:10.1  bob  83 %  overlap 1.3 s with alice',
  );
  const paint = (name: string): string => `<${name}>`;
  expect(turnLine({ ...together, overlaps: two.slice(1) }, { ...NAMED, paint })).toBe(
    '00:04.5 - 00:10.1  <bob>  83 %  overlap 0.5 s',
  );
  expect(correctionLine(correction(bob, 'dana'), NAMED)).toBe('00:04.5 - 00:10.1  dana  80 %, not bob');
});

test('with nobody enrolled there is no probability, and no cosine ever', () => {
  const style = { hasNames: false };
  expect(turnLine(final(0, 'unknown-1', 4.5, 10.1), style)).toBe('00:04.5 - 00:10.1  unknown-1');
  expect(correctionLine(correction(bob, 'unknown-2'), style)).toBe('00:04.5 - 00:10.1  unknown-2, not bob');
});

test('nothing is certain or impossible', () => {
  expect([0.9999, 1, 0.004, 0, 0.5].map(percentText)).toEqual(['99 %', '99 %', '1 %', '1 %', '50 %']);
});
