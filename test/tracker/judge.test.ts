import { expect, test } from 'vitest';
import { Judge } from '../../src/tracker/judge.js';
import { Scorer } from '../../src/scoring/scorer.js';
import { StrangerShare } from '../../src/tracker/stranger-share.js';
import { NOVEL } from '../../src/scoring/voice.js';
import { VoiceSet } from '../../src/tracker/voice-set.js';
import { randomNumbers } from '../random.js';
import { mixed, MODEL, profileFor, randomVoice } from './synthetic.js';

const random = randomNumbers(83);
const [alice, bob, room, side] = Array.from({ length: 4 }, () => randomVoice(random)) as [
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
];

/** A judge among these speakers, and what it says of a turn of that voice. */
function judging(voices: readonly Float32Array[], unknownPrior?: number) {
  const people = new VoiceSet(null);
  people.enrol(voices.map((voice, i) => profileFor(`speaker ${i}`, voice)));
  const share = new StrangerShare(people, unknownPrior);
  const judge = new Judge(new Scorer(MODEL.calibration, null), people, share, {
    falseAcceptRate: undefined,
    threshold: undefined,
  });
  const verdictOf = (direction: Float32Array, seconds = 4) =>
    judge.judge({ direction, windows: [direction] }, seconds, NOVEL);
  const nameOf = (direction: Float32Array) => verdictOf(direction).voice?.label;
  return { people, share, judge, verdictOf, nameOf };
}

test('of many enrolled, one who was surely heard before is named by less', () => {
  const others = Array.from({ length: 38 }, () => randomVoice(random));
  const { judge, verdictOf, nameOf } = judging([alice, bob, ...others], 0.02);
  const faint = mixed(side, alice, 0.54);
  const count = (voice: Float32Array, by: 1 | -1): void => {
    for (let turn = 0; turn < 5; turn++) judge.countSure(verdictOf(voice), by);
  };
  expect(nameOf(faint)).toBeUndefined();
  count(bob, 1);
  expect(nameOf(faint)).toBeUndefined();
  count(alice, 1);
  expect(nameOf(faint)).toBe('speaker 0');
  // They were not hers after all.
  count(alice, -1);
  expect(nameOf(faint)).toBeUndefined();
});

test('who sounds like a speaker as heard in this room must do so more than like a profile', () => {
  const inRoom = judging([alice], 0.2);
  inRoom.people.hear(1, 0, mixed(room, alice, 0.2), 60);
  const here = inRoom.people.get(1)!.centroid;
  const near = (cosine: number) => mixed(side, here, cosine);
  expect(judging([here], 0.2).nameOf(near(0.53))).toBe('speaker 0');
  expect(inRoom.nameOf(near(0.53))).toBeUndefined();
  expect(inRoom.nameOf(near(0.75))).toBe('speaker 0');
});

test('a word alone does not tell how many strangers speak, a turn does', () => {
  const { share, judge, verdictOf } = judging([alice]);
  const before = share.value;
  for (let turn = 0; turn < 10; turn++) judge.learn(turn, verdictOf(room, 0.4));
  expect(share.value).toBe(before);
  for (let turn = 10; turn < 20; turn++) judge.learn(turn, verdictOf(room, 4));
  expect(share.value).toBeGreaterThan(before + 0.2);
});
