import { describe, expect, test } from 'vitest';
import { Scorer } from '../../src/scoring/scorer.js';
import { NOVEL } from '../../src/scoring/voice.js';
import { Judge } from '../../src/tracker/judge.js';
import { Memory } from '../../src/tracker/memory.js';
import { NameTest } from '../../src/tracker/name-test.js';
import { Roster, type Speaker } from '../../src/tracker/roster.js';
import { WHO } from '../../src/tracker/settings.js';
import { StreamLevel } from '../../src/tracker/stream-level.js';
import type { Weighed } from '../../src/tracker/weighed.js';
import { dot } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { mixed, MODEL, profileFor, randomVoice } from './synthetic.js';

const random = randomNumbers(83);
const [A, B, room, side] = Array.from({ length: 4 }, () => randomVoice(random)) as [
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
];

const toldOf = (turn: number) => ({
  ...{ turn, revision: 0, startSample: turn, endSample: turn + 1, score: 0, probability: 1 },
});

/** The settled turns of a stream on which these are enrolled; `hear` settles one more, and tells it. */
function stream(enrolled: readonly Float32Array[], maxUnknown = 20) {
  const scorer = new Scorer(MODEL.calibration, null);
  const roster = new Roster(null);
  roster.enrol(enrolled.map((voice, i) => profileFor(`speaker ${i}`, voice)));
  const test = new NameTest(scorer, roster, { falseAcceptRate: undefined, threshold: undefined });
  const level = new StreamLevel(scorer.levelVariance);
  const judge = new Judge({ scorer, roster, test, level, unknownPrior: undefined, hasThreshold: false });
  const memory = new Memory({ roster, judge, level, maxUnknown });
  let turn = 0;
  const hear = (direction: Float32Array, seconds = 4) => {
    const verdict = judge.judge({ direction, windows: [direction] }, seconds);
    const heard = { ...verdict.evidence!, sureSeconds: seconds, isVoice: true, atSample: turn };
    const weighed = memory.weigh(heard, [direction], verdict);
    const speaker = roster.speaker(weighed.id)?.label ?? 'unknown';
    memory.add({ ...toldOf(turn), speaker }, weighed.id, weighed);
    turn++;
    return speaker;
  };
  return { roster, judge, memory, hear };
}

describe('settled turns', () => {
  test('are told anew when what follows says whose they were', () => {
    const { hear, memory } = stream([B]);
    expect(hear(A, WHO.labelSeconds - 0.5)).toBe('unknown');
    expect(memory.corrections(1)).toEqual([]);
    expect(hear(mixed(side, A, 0.9))).toBe('unknown-1');
    expect(memory.corrections(9)).toMatchObject([
      { type: 'correction', turn: 0, speaker: 'unknown-1', known: false, revision: 1, atSample: 9 },
    ]);
    expect(memory.corrections(10)).toEqual([]);
  });

  test('that a person assigned teach an enrolled voice, those of others do not', () => {
    const { hear, memory, roster } = stream([A, B]);
    const [enrolled] = roster.enrolled;
    for (let i = 0; i < 3; i++) expect(hear(mixed(room, A, 0.9), 8)).toBe('speaker 0');
    expect(enrolled!.voice.centroid).toEqual(A);
    const odd = (share: number) => mixed(room, A, share);
    expect(hear(odd(0.2), 8)).not.toBe('speaker 0');
    expect(hear(odd(0.25), 8)).not.toBe('speaker 0');
    memory.corrections(1);
    memory.assign(3, enrolled!.id);
    expect(dot(enrolled!.voice.centroid, odd(0.2))).toBeGreaterThan(dot(A, odd(0.2)) + 0.2);
    expect(memory.corrections(2).map(({ turn, speaker }) => [turn, speaker])).toEqual([
      [3, 'speaker 0'],
      [4, 'speaker 0'],
    ]);
  });

  test('do not speak for themselves: the only turn of a voice is no reason to give it another', () => {
    const { hear, roster } = stream([]);
    expect(hear(A)).toBe('unknown-1');
    const [voice] = roster.strangers;
    const [turn] = voice!.turns;
    expect(voice!.nearness(turn!.heard.direction, turn)).toBeNull();
    expect(hear(B)).toBe('unknown-2');
    expect(hear(mixed(side, A, 0.9))).toBe('unknown-1');
    expect(voice!.nearness(turn!.heard.direction, turn)!.cosine).toBeCloseTo(
      dot(voice!.turns[1]!.heard.direction, A),
      6,
    );
  });

  test('of too little speech found no voice, and of nobody’s keep no name', () => {
    const { hear, roster } = stream([A]);
    expect(hear(B, WHO.foundSeconds - 0.1)).toBe('unknown');
    expect(roster.strangers).toEqual([]);
  });

  test('that a person assigned stay, whatever is heard', () => {
    const { hear, memory } = stream([A, B]);
    expect(hear(A)).toBe('speaker 0');
    memory.assign(0, 2);
    expect(memory.corrections(1)).toMatchObject([{ turn: 0, speaker: 'speaker 1', probability: 1 }]);
    for (let i = 0; i < 3; i++) hear(A);
    expect(memory.corrections(2)).toEqual([]);
    memory.assign(0, NOVEL);
    expect(memory.corrections(3)).toMatchObject([{ turn: 0, speaker: 'unknown', known: false }]);
  });

  test('keep their label when the voice makes room for others', () => {
    const { hear, memory, roster } = stream([], 2);
    const voices = Array.from({ length: 4 }, () => randomVoice(random));
    expect(voices.map((voice) => hear(voice))).toEqual(['unknown-1', 'unknown-2', 'unknown-3', 'unknown-4']);
    expect(roster.strangers.map(({ label }) => label)).toEqual(['unknown-3', 'unknown-4']);
    expect(memory.corrections(9)).toEqual([]);
    // Nothing of them is kept.
    expect([0, 1, 2, 3].map((turn) => memory.mayChange(turn))).toEqual([false, false, true, true]);
    expect(hear(voices[0]!)).toBe('unknown-5');
  });

  test('that are perhaps another’s are called as the voice is that they were told to be', () => {
    const { hear, memory, roster } = stream([A]);
    expect(hear(B)).toBe('unknown-1');
    const [{ id, turns }] = roster.strangers as [Speaker];
    const [turn] = turns as [Weighed];
    const perhaps = { ...turn, id: 1, verdict: { ...turn.verdict, probability: 0.6 } };
    memory.add({ ...toldOf(1), speaker: 'unknown-1' }, id, perhaps);
    expect(memory.corrections(2)).toEqual([]);
    roster.name(id, profileFor('bob', B));
    memory.giveAll(id, id);
    const [first, second] = memory.corrections(3);
    expect([first, second]).toMatchObject([
      { turn: 0, was: 'unknown-1', speaker: 'bob' },
      { turn: 1, was: 'unknown-1', speaker: 'bob' },
    ]);
  });

  test('of two at once follow the voice when that proves to be another’s', () => {
    const { hear, memory, roster } = stream([]);
    expect(hear(A, 8)).toBe('unknown-1');
    expect(hear(mixed(side, A, 0.3), 2.6)).toBe('unknown-2');
    memory.add({ ...toldOf(2), speaker: 'unknown-2' }, roster.strangers[1]!.id, undefined);
    // What lies between shows that they are one voice.
    for (const towards of [room, side]) for (const cosine of [0.85, 0.6]) hear(mixed(towards, A, cosine), 8);
    expect(roster.strangers.map(({ label }) => label)).toEqual(['unknown-1']);
    expect(memory.corrections(9).map(({ turn, speaker }) => [turn, speaker])).toContainEqual([
      2,
      'unknown-1',
    ]);
  });

  test('teach a speaker whose profile becomes another one, also where all were assigned', () => {
    const { hear, memory, roster } = stream([A]);
    hear(A);
    memory.assign(0, 1);
    roster.enrol([profileFor('speaker 0', mixed(side, A, 0.9))]);
    memory.restart();
    expect(roster.enrolled[0]!.turns).toHaveLength(1);
  });

  test('are weighed again up to a number of them; what their voices teach stays', () => {
    const { hear, memory, roster } = stream([A, B]);
    for (let i = 0; i < WHO.turns + 5; i++) hear(mixed(room, i % 2 === 0 ? A : B, 0.9), 1);
    const [a] = roster.enrolled;
    expect(a!.turns.length).toBe(WHO.recentTurns);
    expect(a!.turns.every(({ id }) => id === a!.id)).toBe(true);
    expect([4, 5].map((turn) => memory.mayChange(turn))).toEqual([false, true]);
  });
});
