import { describe, expect, test } from 'vitest';
import { changePoints } from '../../src/turns/change-points.js';
import { EvidencePool } from '../../src/turns/evidence-pool.js';
import { SpeechTrack } from '../../src/fbank/speech-track.js';
import { TurnSearch, type Turn } from '../../src/turns/turn-search.js';
import { dot, unit } from '../../src/vectors.js';
import { Heard, TurnVoice } from '../../src/turns/turn-voice.js';
import { VoiceScorer } from '../../src/turns/voice-scorer.js';
import { Roster } from '../../src/tracker/roster.js';
import { NOVEL } from '../../src/scoring/voice.js';
import { randomNumbers } from '../random.js';
import { MODEL, profileFor, randomVoice, windowsOf, type Part } from '../tracker/synthetic.js';

const random = randomNumbers(41);
const voices = [randomVoice(random), randomVoice(random), randomVoice(random)];
const [A, B, C] = voices as [Float32Array, Float32Array, Float32Array];
/** Ids of A and B. */
const [IS_A, IS_B] = [1, 2];

function people(): Roster {
  const set = new Roster(null);
  set.enrol([profileFor('a', A), profileFor('b', B)]);
  return set;
}

/** A search over the script, by enrolled A and B, settled up to a second before each window. */
function search(parts: readonly Part[]): TurnSearch {
  const track = new SpeechTrack(1000);
  const voices = people();
  const turns = new TurnSearch(new VoiceScorer(MODEL.calibration), voices, track, () => 0.2);
  for (const { startSample, endSample, embedding, step } of windowsOf(parts)) {
    track.append(step);
    const newWindows = track.speechFrames(step.startSample, step.endSample) / 150;
    const changes = changePoints(track, step.startSample, step.endSample);
    turns.advance({ startSample, endSample, heard: new Heard(embedding!), newWindows, changes });
    turns.settle(startSample - 16_000);
  }
  return turns;
}

function depth(turn: Turn): number {
  return turn.previous === null ? 1 : 1 + depth(turn.previous);
}

describe('the search', () => {
  test('forgets what is settled, so that its paths stay short', () => {
    const parts = Array.from({ length: 60 }, (_, i) => ({ voice: i % 2 === 0 ? A : B, seconds: 3 }));
    expect(depth(search(parts).best())).toBeLessThanOrEqual(2);
  });

  test('shares one probability among the labels', () => {
    const turns = search([{ voice: B, seconds: 3 }]);
    expect(turns.best().label).toBe(IS_B);
    expect(turns.probability(IS_A) + turns.probability(IS_B) + turns.probability(NOVEL)).toBeCloseTo(1, 12);
    expect(turns.probability(IS_B)).toBeGreaterThan(0.9);
  });

  test('goes on under the label that it is given for the last turn', () => {
    const turns = search([
      { voice: A, seconds: 3 },
      { voice: B, seconds: 3 },
    ]);
    const { startSample, previous } = turns.best();
    turns.relabelLast(NOVEL);
    expect(turns.best()).toMatchObject({ label: NOVEL, startSample });
    expect(turns.best().previous?.label).toBe(previous?.label);
    expect(turns.probability(NOVEL)).toBeGreaterThan(0.9);
  });

  test('is less sure of half a voice than of a whole one', () => {
    const between = unit(Float32Array.from(A, (x, i) => x + 1.4 * C[i]!));
    const sure = search([{ voice: A, seconds: 1.5 }]).probability(IS_A);
    expect(search([{ voice: between, seconds: 1.5 }]).probability(IS_A)).toBeLessThan(sure - 0.1);
  });
});

describe('the scorer', () => {
  const scorer = new VoiceScorer(MODEL.calibration);
  const set = people();
  const fresh = TurnVoice.SILENT;
  const share = (id: number, part: number) => ({ who: set.get(id) ?? null, voice: fresh, share: part });
  test('gives a pure window the calibration, bounded, and a stranger nothing', () => {
    const near = unit(Float32Array.from(A, (x, i) => x + C[i]!));
    const expected = MODEL.calibration.scale * dot(near, A) + MODEL.calibration.offset;
    expect(scorer.logOdds(new Heard(near), [share(IS_A, 1)])).toBeCloseTo(expected, 5);
    expect(scorer.logOdds(new Heard(A), [share(IS_B, 1)])).toBe(-3);
    expect(scorer.logOdds(new Heard(A), [share(NOVEL, 1)])).toBe(0);
  });

  test('hears a mixture best as the mixture that it is', () => {
    const mixed = new Heard(unit(Float32Array.from(A, (x, i) => 0.4 * x + 0.6 * B[i]!)));
    const odds = (ofA: number): number => scorer.logOdds(mixed, [share(IS_A, ofA), share(IS_B, 1 - ofA)]);
    for (const other of [0, 0.2, 0.6, 0.8, 1]) expect(odds(0.4)).toBeGreaterThan(odds(other));
  });

  test('expects a turn to go on as it began', () => {
    const odd = unit(Float32Array.from(A, (x, i) => x + 0.8 * C[i]!));
    const heard = new Heard(odd);
    const voice = fresh.with(heard, 1);
    const later = { who: set.get(IS_A)!, voice, share: 1 };
    expect(scorer.logOdds(heard, [later])).toBeGreaterThan(scorer.logOdds(heard, [share(IS_A, 1)]));
  });
});

describe('the evidence of a turn', () => {
  const track = new SpeechTrack(6000);
  const pool = new EvidencePool(track);
  const windows = windowsOf([
    { voice: A, seconds: 60 },
    { voice: B, seconds: 6 },
  ]);
  for (const { startSample, endSample, embedding, step } of windows) {
    track.append(step);
    pool.add(startSample, endSample, embedding!);
  }

  test('is all of it, also what is no longer kept window by window', () => {
    const sum = new Float32Array(A.length);
    const inTurn = windows.filter(({ endSample }) => endSample <= 60 * 16_000);
    for (const { embedding } of inTurn) embedding!.forEach((x, i) => (sum[i]! += x));
    expect(inTurn.length).toBeGreaterThan(100);
    expect(dot(pool.pooled(0, 60 * 16_000)!.direction, unit(sum))).toBeCloseTo(1, 2);
  });

  test('leaves out the windows of other turns', () => {
    const { direction, windows: own } = pool.pooled(60 * 16_000, 66 * 16_000)!;
    expect(dot(direction, B)).toBeGreaterThan(0.9);
    expect(dot(direction, A)).toBeLessThan(0.3);
    expect(own.length).toBeGreaterThan(8);
    expect(pool.pooled(90 * 16_000, 91 * 16_000)).toBeNull();
  });
});
