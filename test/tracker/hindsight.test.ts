import { expect, test } from 'vitest';
import { Hindsight } from '../../src/tracker/hindsight.js';
import { Judge } from '../../src/tracker/judge.js';
import type { Profile } from '../../src/speakers/profile.js';
import { Scorer } from '../../src/scoring/scorer.js';
import { SpeechTrack } from '../../src/fbank/speech-track.js';
import { StrangerShare } from '../../src/tracker/stranger-share.js';
import { TurnSearch } from '../../src/tracker/turn-search.js';
import { Heard } from '../../src/tracker/turn-voice.js';
import { UnknownVoices } from '../../src/tracker/unknown-voices.js';
import { NOVEL } from '../../src/scoring/voice.js';
import { VoiceScorer } from '../../src/tracker/voice-scorer.js';
import { VoiceSet } from '../../src/tracker/voice-set.js';
import { randomNumbers } from '../random.js';
import { mixed, MODEL, profileFor, randomVoice } from './synthetic.js';

const random = randomNumbers(8);
const [direction, other] = [randomVoice(random), randomVoice(random)];

/** A settled turn, told as alice's. */
function turn(number: number, voice = direction, seconds = 3) {
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
    pooled: { direction: voice, windows: [voice] },
    evidence: { direction: voice, seconds, stats: null },
    seconds,
    sureShare: 0.5,
    voiceRank: null,
  };
}

/** Hindsight of a stream, and what it works with. */
function streamOf(...speakers: readonly Profile[]) {
  const people = new VoiceSet(null);
  people.enrol(speakers);
  const scorer = new Scorer(MODEL.calibration, null);
  const share = new StrangerShare(people);
  const judge = new Judge(scorer, people, share, { falseAcceptRate: 0.2, threshold: undefined });
  const strangers = new UnknownVoices(people, scorer, 10);
  const track = new SpeechTrack(1000);
  const search = new TurnSearch(new VoiceScorer(MODEL.calibration), people, track, share);
  return {
    people,
    judge,
    strangers,
    hindsight: new Hindsight(people, strangers, judge, search),
    /** The voice is heard for a window; returns who the search says it is. */
    searched: (voice: Float32Array): number => {
      const [startSample, endSample] = [0, 24_000];
      track.append({ startSample, endSample, speech: new Uint8Array(150).fill(1) });
      search.advance({ startSample, endSample, heard: new Heard(voice), newWindows: 1, changes: [] });
      return search.best().label;
    },
    labelOfSearch: () => search.best().label,
  };
}

test('a turn taken from a speaker that is nobody’s then is claimed by the voice that proves to be its own', () => {
  const { judge, strangers, hindsight } = streamOf();
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
  const { judge, strangers, hindsight } = streamOf();
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

/** What is told, once as much was heard of a voice as this like alice's. */
function heardOf(likeness: number) {
  const stream = streamOf(profileFor('alice', direction));
  const { strangers, hindsight } = stream;
  const voice = mixed(other, direction, likeness);
  const said = turn(0, voice, 9);
  const { id, label: speaker } = strangers.found(said, 0)!;
  hindsight.remember({ ...said.told, speaker }, id);
  return { ...stream, id, isSearched: stream.searched(voice) === id, told: hindsight.review(id, 1) };
}

test('an unknown voice that is surely an enrolled speaker’s is theirs from then on, and one that is perhaps is not', () => {
  const sure = heardOf(0.8);
  expect(sure.told).toMatchObject([{ turn: 0, was: 'unknown-1', speaker: 'alice', known: true }]);
  expect([...sure.people.unknown()]).toEqual([]);
  // The search goes on with her, too.
  const alice = sure.people.enrolled[0]!;
  expect([sure.isSearched, sure.labelOfSearch()]).toEqual([true, alice.id]);
  const perhaps = heardOf(0.5);
  expect(perhaps.told).toEqual([]);
  expect([perhaps.isSearched, perhaps.labelOfSearch()]).toEqual([true, perhaps.id]);
});

test('of two unknown voices that prove to be one the search goes on with the one that stays', () => {
  const { strangers, hindsight, searched, labelOfSearch } = streamOf();
  const again = mixed(other, direction, 0.9);
  const first = strangers.found(turn(0), 0)!;
  const second = strangers.found(turn(1, again), 1)!;
  expect(searched(again)).toBe(second.id);
  hindsight.review(second.id, 2);
  expect(labelOfSearch()).toBe(first.id);
});
