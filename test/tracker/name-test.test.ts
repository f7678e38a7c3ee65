import { expect, test } from 'vitest';
import { Scorer } from '../../src/scoring/scorer.js';
import { NameTest, type NameTestOptions } from '../../src/tracker/name-test.js';
import { Roster } from '../../src/tracker/roster.js';
import { randomNumbers } from '../random.js';
import { mixed, MODEL, profileFor, randomVoice } from './synthetic.js';

const random = randomNumbers(7);
const voice = randomVoice(random);
const side = randomVoice(random);

/** The least cosine with the first profile, to 0.005, that passes among these. */
function leastCosine(
  others: readonly Float32Array[],
  options: Partial<NameTestOptions> = {},
  seconds = 4,
): number {
  const scorer = new Scorer(MODEL.calibration, null);
  const roster = new Roster(null);
  roster.enrol([voice, ...others].map((own, i) => profileFor(`speaker ${i}`, own)));
  const name = new NameTest(scorer, roster, { falseAcceptRate: undefined, threshold: undefined, ...options });
  const [speaker] = roster.enrolled;
  for (let cosine = 0; cosine < 1; cosine += 0.005) {
    if (name.passes(scorer.evidence(mixed(side, voice, cosine), seconds), speaker!)) return cosine;
  }
  return 1;
}

const strangers = Array.from({ length: 20 }, () => randomVoice(random));

test('a lower rate and more speech ask for a higher score', () => {
  const few = strangers.slice(0, 3);
  expect(leastCosine(few, { falseAcceptRate: 0.01 })).toBeGreaterThan(
    leastCosine(few, { falseAcceptRate: 0.1 }),
  );
  expect(leastCosine(few, {}, 10)).toBeGreaterThan(leastCosine(few, {}, 1));
});

test('so do enrolled speakers who are alike among themselves: strangers will be as alike', () => {
  const alike = strangers.slice(0, 8).map((other) => mixed(other, voice, 0.4));
  expect(leastCosine(alike)).toBeGreaterThan(leastCosine(strangers.slice(0, 8)) + 0.05);
});

test('a cosine that the user gives decides alone', () => {
  expect(leastCosine(strangers, { threshold: 0.31 })).toBeCloseTo(0.31, 1);
  expect(leastCosine([], { threshold: 0.31, falseAcceptRate: 0.001 })).toBeCloseTo(0.31, 1);
});

test('by default no more than 8 % of impostors pass with any one, however few are enrolled', () => {
  expect(leastCosine([])).toBeCloseTo(leastCosine([], { falseAcceptRate: 0.08 }), 2);
  expect(leastCosine(strangers)).toBeCloseTo(leastCosine(strangers, { falseAcceptRate: 0.2 }), 2);
});
