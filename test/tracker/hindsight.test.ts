import { expect, test } from 'vitest';
import { Hindsight } from '../../src/tracker/hindsight.js';
import { Judge } from '../../src/tracker/judge.js';
import { Scorer } from '../../src/tracker/scoring.js';
import { SpeechTrack } from '../../src/tracker/speech-track.js';
import { StrangerShare } from '../../src/tracker/stranger-share.js';
import { TurnSearch } from '../../src/tracker/turn-search.js';
import { UnknownVoices } from '../../src/tracker/unknown-voices.js';
import { NOVEL } from '../../src/tracker/voice.js';
import { VoiceScorer } from '../../src/tracker/voice-scorer.js';
import { VoiceSet } from '../../src/tracker/voice-set.js';
import { randomNumbers } from '../random.js';
import { MODEL, randomVoice } from './synthetic.js';

const direction = randomVoice(randomNumbers(8));

/** A settled turn of 3 s, told as alice's. */
function turn(number: number) {
  return {
    turn: number,
    told: {
      turn: number,
      revision: 0,
      startSample: number * 48_000,
      endSample: number * 48_000 + 40_000,
      speaker: 'alice',
      score: 0.6,
      probability: 0.7,
    },
    pooled: { direction, windows: [direction], consistency: 1 },
    evidence: { direction, seconds: 3, stats: null },
    seconds: 3,
    sureShare: 0.5,
    voiceRank: null,
  };
}

function parts() {
  const people = new VoiceSet(null);
  const scorer = new Scorer(MODEL.calibration, null);
  const judge = new Judge(scorer, people, new StrangerShare(people), {
    falseAcceptRate: 0.2,
    threshold: undefined,
  });
  const strangers = new UnknownVoices(people, scorer, 10);
  const search = new TurnSearch(
    new VoiceScorer(MODEL.calibration),
    people,
    new SpeechTrack(100),
    new StrangerShare(people),
  );
  return { judge, strangers, hindsight: new Hindsight(people, strangers, judge, search) };
}

test('a turn taken from a speaker that is nobody’s then is claimed by the voice that proves to be its own', () => {
  const { judge, strangers, hindsight } = parts();
  const verdict = { ...judge.judge(null, 3, 0), probability: 0.9 };
  const taken = hindsight.disowned([{ turn: turn(1), verdict }], NOVEL, 3);
  expect(taken).toMatchObject([{ turn: 1, was: 'alice', speaker: 'unknown' }]);
  const { id } = strangers.found(turn(2), 4)!;
  strangers.learn(id, turn(3), 5);
  const claimed = hindsight.claim(id, 5);
  expect(claimed).toMatchObject([{ turn: 1, was: 'unknown', speaker: 'unknown-1' }]);
  expect(claimed[0]!.revision).toBeGreaterThan(taken[0]!.revision);
});

test('turns taken from a speaker together all get the label of the voice that they are merged with', () => {
  const { judge, strangers, hindsight } = parts();
  expect(strangers.found(turn(0), 0)!.label).toBe('unknown-1');
  // The same person's turns, that were taken for a voice of their own.
  const { id } = strangers.found(turn(1), 1)!;
  strangers.learn(id, turn(2), 2);
  const verdict = { ...judge.judge(null, 3, 0), probability: 0.9 };
  const told = hindsight.disowned(
    [1, 2].map((number) => ({ turn: turn(number), verdict })),
    id,
    3,
  );
  const labels = new Map(told.map((event) => [event.turn, [event.speaker, event.revision]]));
  expect([...labels]).toEqual([
    [1, ['unknown-1', 2]],
    [2, ['unknown-1', 2]],
  ]);
});
