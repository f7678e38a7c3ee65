import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { detection, detectionAccuracy, detectionErrorRate } from '../../measure/protocols/detection.js';
import { namedError } from '../../measure/protocols/identification.js';
import type { Turn } from '../../src/evaluate/index.js';
import { randomNumbers } from '../random.js';

const random = randomNumbers(7);

/** Turns of these speakers, one after another and at once; none talks over himself. */
function turnsOf(speakers: readonly string[]): Turn[] {
  return speakers.flatMap((speaker) => {
    const turns: Turn[] = [];
    for (let at = random() * 10; at < 60;) {
      const endSeconds = at + 0.2 + random() * 8;
      turns.push({ speaker, startSeconds: at, endSeconds });
      at = endSeconds + 0.1 + random() * 15;
    }
    return turns;
  });
}

const cases = {
  // One who talks over himself every third time: where he does is not scored.
  detection: Array.from({ length: 30 }, (_, i) => ({
    reference: [...turnsOf(['a']), ...(i % 3 === 0 ? turnsOf(['a']) : [])],
    hypothesis: i % 10 === 9 ? [] : turnsOf(['a']),
  })),
  identification: Array.from({ length: 30 }, (_, i) => ({
    enrolled: ['ann', 'ben', 'absent'].slice(0, i % 4),
    reference: turnsOf(['ann', 'ben', 'carl', 'dora'].slice(i % 3)),
    hypothesis: turnsOf([
      ...['ann', 'ben', 'absent'].slice(0, i % 4),
      ...['unknown-1', 'unknown', 'unknown-7'].slice(i % 2),
    ]),
  })),
};

it('has the figures of pyannote.metrics', () => {
  const output = execFileSync('.venv/bin/python', ['test/parity/protocols.py'], {
    input: JSON.stringify(cases),
  }).toString();
  const expected = JSON.parse(output) as { detection: [number, number]; identification: number[] };
  const seconds = cases.detection.map(({ reference, hypothesis }) => detection(reference, hypothesis));
  const got = [detectionAccuracy(seconds), detectionErrorRate(seconds)];
  const errors = cases.identification.map(
    ({ reference, hypothesis, enrolled }) => namedError(reference, hypothesis, enrolled).rate,
  );
  const difference = Math.max(
    ...got.map((rate, i) => Math.abs(rate - expected.detection[i]!)),
    ...errors.map((rate, i) => Math.abs(rate - expected.identification[i]!)),
  );
  console.log(`largest difference to pyannote.metrics: ${difference.toExponential(1)}`);
  expect(difference).toBeLessThan(1e-9);
});
