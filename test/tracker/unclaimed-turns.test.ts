import { describe, expect, it, test } from 'vitest';
import { UNKNOWN } from '../../src/tracker/events.js';
import type { Verdict } from '../../src/tracker/judge.js';
import { Tracker, type IdentifyEvent } from '../../src/tracker/index.js';
import { UnclaimedTurns, type UnclaimedTurn } from '../../src/tracker/unclaimed-turns.js';
import type { Voice } from '../../src/scoring/voice.js';
import { randomNumbers } from '../random.js';
import { finalsOf, mixed, MODEL, profileFor, randomVoice, windowsOf, type Part } from './synthetic.js';

const evidence = { direction: new Float32Array(4), seconds: 1, stats: null };
const unclaimed = (turn: number): UnclaimedTurn => ({
  turn,
  evidence,
  told: { turn, revision: 1, startSample: 0, endSample: 1, speaker: UNKNOWN, score: 0, probability: 0.5 },
});
const voice = (id: number, label: string): Voice => {
  const { direction: centroid, seconds } = evidence;
  return { id, label, known: true, centroid, seconds, stats: null, strangeness: 0 };
};
const [alice, bob] = [voice(7, 'alice'), voice(8, 'bob')];

/** Says the same of every turn: it comes near to alice, and is hers. */
function judging(voiceProbability: number) {
  const verdict = { voice: alice, score: 0, standard: 0, probability: 1, voiceProbability, knownLogOdds: 0 };
  return {
    rejudge: (): Verdict => ({ ...verdict, evidence, nearest: null }),
    comesNear: ({ id }: Voice): boolean => id === alice.id,
  };
}
const numbers = (claimed: readonly { told: { turn: number } }[]): number[] =>
  claimed.map(({ told }) => told.turn);

describe('UnclaimedTurns', () => {
  it('gives a turn once, to a voice that is likely', () => {
    const turns = new UnclaimedTurns();
    turns.add(unclaimed(3));
    turns.add(unclaimed(5));
    expect(turns.claim(alice, judging(0.79))).toEqual([]);
    expect(numbers(turns.claim(alice, judging(0.81)))).toEqual([3, 5]);
    expect(turns.claim(alice, judging(0.99))).toEqual([]);
  });

  it('gives none to a voice that is far from it, nor to another than the likeliest, nor to one without a label', () => {
    const turns = new UnclaimedTurns();
    turns.add(unclaimed(3));
    const sure = judging(0.99);
    expect(turns.claim(alice, { ...sure, comesNear: () => false })).toEqual([]);
    expect(turns.claim(bob, { ...sure, comesNear: () => true })).toEqual([]);
    expect(turns.claim(voice(7, UNKNOWN), sure)).toEqual([]);
    expect(numbers(turns.claim(alice, sure))).toEqual([3]);
  });

  it('keeps the last hundred', () => {
    const turns = new UnclaimedTurns();
    for (let turn = 0; turn < 130; turn++) turns.add(unclaimed(turn));
    const claimed = numbers(turns.claim(alice, judging(0.9)));
    expect(claimed).toEqual(Array.from({ length: 100 }, (_, i) => i + 30));
  });
});

describe('of a stream', () => {
  const random = randomNumbers(31);
  const [A, B] = [randomVoice(random), randomVoice(random)];
  const say = (voice: Float32Array, seconds: number): Part[] => [
    { voice, seconds },
    { voice: null, seconds: 1 },
  ];
  const heard = (parts: readonly Part[], speakers = [profileFor('alice', A)]) => {
    const tracker = new Tracker({ speakers, model: MODEL });
    const events: IdentifyEvent[] = windowsOf(parts).flatMap((window) => tracker.push(window));
    return { tracker, events };
  };

  test('what a stranger said before there was a voice to give it to is theirs, by any later name', () => {
    const { tracker, events } = heard([...say(B, 1), ...say(A, 4), ...say(B, 5), ...say(A, 4)]);
    expect(finalsOf(events).map(({ speaker }) => speaker)).toEqual([
      'unknown',
      'alice',
      'unknown-1',
      'alice',
    ]);
    const corrections = events.filter((event) => event.type === 'correction');
    expect(corrections).toMatchObject([{ turn: 0, was: 'unknown', speaker: 'unknown-1', known: false }]);
    const named = tracker.command({ type: 'name', label: 'unknown-1', speaker: 'dana' });
    const renamed = named.filter((event) => event.type === 'correction');
    expect(renamed.map(({ turn, speaker }) => `${turn} ${speaker}`)).toEqual(['0 dana', '2 dana']);
  });

  test("an enrolled speaker's turn that was not like the profile is theirs when their later ones are not either", () => {
    const side = randomVoice(random);
    const [far, near] = [mixed(side, A, 0.05), mixed(side, A, 0.6)];
    const { events } = heard([
      ...say(far, 1),
      ...say(B, 4),
      ...say(near, 5),
      ...say(near, 5),
      ...say(near, 5),
    ]);
    expect(finalsOf(events).map(({ speaker }) => speaker)).toEqual([
      'unknown',
      'unknown-1',
      'alice',
      'alice',
      'alice',
    ]);
    const corrections = events.filter((event) => event.type === 'correction');
    expect(corrections).toMatchObject([
      { turn: 0, revision: 2, was: 'unknown', speaker: 'alice', known: true },
    ]);
  });
});
