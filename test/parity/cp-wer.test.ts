import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { cpWordErrors } from '../../measure/words/cp-wer.js';
import { randomNumbers } from '../random.js';
import { ROOT } from '../helpers.js';

const random = randomNumbers(32);
const below = (n: number): number => Math.floor(random() * n);
const words = (count: number): string[] => Array.from({ length: count }, () => `w${below(6)}`);

/** Speakers' words, and the same with some lost, others added, and some with another speaker. */
const cases = Array.from({ length: 60 }, (_, i) => {
  const reference = Array.from({ length: 1 + below(4) }, () => words(1 + below(12)));
  const hypothesis = reference.map((said) =>
    said.flatMap((word) => (random() < 0.2 ? [] : random() < 0.2 ? [word, ...words(1)] : [word])),
  );
  if (i % 3 === 0) hypothesis.push(words(1 + below(5)));
  if (i % 3 === 1) hypothesis.pop();
  return { reference, hypothesis: i % 2 === 0 ? hypothesis.reverse() : hypothesis };
});

describe('cpWER', () => {
  it('is that of meeteval', () => {
    const told = execFileSync(`${ROOT}.venv/bin/python`, [`${ROOT}test/parity/cp-wer.py`], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
    });
    expect(cases.map(({ reference, hypothesis }) => cpWordErrors(reference, hypothesis))).toEqual(
      JSON.parse(told),
    );
  });
});
