import { expect, test } from 'vitest';
import { Tracker, type Learnt, type TrackerOptions } from '../../src/tracker/index.js';
import { dot, unit } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { finalsOf, MODEL, profileFor, randomVoice, windowsOf, type Part } from '../tracker/synthetic.js';

const random = randomNumbers(909);
const [A, C] = [randomVoice(random), randomVoice(random)];
const alice = profileFor('alice', A);

function learntFrom(parts: readonly Part[], options: Partial<TrackerOptions> = {}): Learnt[] {
  const learnt: Learnt[] = [];
  const adapt = (each: Learnt): void => {
    learnt.push(each);
  };
  const tracker = new Tracker({ speakers: [alice], model: MODEL, adapt, ...options });
  for (const window of windowsOf(parts)) tracker.push(window);
  tracker.flush();
  return learnt;
}

test('only long, sure turns of the enrolled teach anything', () => {
  const learnt = learntFrom([
    { voice: A, seconds: 8 },
    { voice: null, seconds: 1 },
    { voice: A, seconds: 3 },
    { voice: null, seconds: 1 },
    { voice: C, seconds: 8 },
  ]);
  expect(learnt).toMatchObject([{ speaker: 'alice', turn: 0 }]);
  expect(dot(learnt[0]!.adaptation.vector, A)).toBeGreaterThan(0.9);
});

test('what was learnt counts only where adaptation is on', () => {
  const vector = unit(A.map((x, i) => x + C[i]!));
  const taught = { ...alice, adaptations: Array(8).fill({ vector, seconds: 8, probability: 1 }) as never };
  const windows = windowsOf([{ voice: vector, seconds: 5 }], { noise: 0 });
  const score = (options: Partial<TrackerOptions>): number => {
    const tracker = new Tracker({ speakers: [taught], model: MODEL, ...options });
    return finalsOf([...windows.flatMap((window) => tracker.push(window)), ...tracker.flush()])[0]!.score;
  };
  expect(score({})).toBeCloseTo(dot(vector, A), 3);
  expect(score({ adapt: () => undefined })).toBeGreaterThan(score({}) + 0.03);
});
