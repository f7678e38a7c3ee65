import { describe, expect, test } from 'vitest';
import { changePoints } from '../../src/tracker/change-points.js';
import { EvidencePool } from '../../src/tracker/evidence-pool.js';
import { SpeechTrack } from '../../src/tracker/speech-track.js';
import { TurnSearch, type Turn } from '../../src/tracker/turn-search.js';
import { dot, unit } from '../../src/tracker/vectors.js';
import { VoiceScorer } from '../../src/tracker/voice-scorer.js';
import { MODEL, randomVoice, seeded, windowsOf, type Part } from './synthetic.js';

const random = seeded(41);
const voices = [randomVoice(random), randomVoice(random), randomVoice(random)];
const [A, B, C] = voices as [Float32Array, Float32Array, Float32Array];
const UNKNOWN_LABEL = 2;

/** A search over the script, by enrolled A and B, settled up to a second before each window. */
function search(parts: readonly Part[]): TurnSearch {
  const track = new SpeechTrack(1000);
  const scorer = new VoiceScorer([A, B], MODEL.calibration);
  const turns = new TurnSearch(scorer, track, 0.2);
  for (const { startSample, endSample, embedding, step } of windowsOf(parts)) {
    track.append(step);
    const newWindows = track.speechFrames(step.startSample, step.endSample) / 150;
    const changes = changePoints(track, step.startSample, step.endSample);
    turns.advance({ startSample, endSample, heard: scorer.hear(embedding!), newWindows, changes });
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
    expect(turns.best().label).toBe(1);
    expect(turns.probability(0) + turns.probability(1) + turns.probability(UNKNOWN_LABEL)).toBeCloseTo(1, 12);
    expect(turns.probability(1)).toBeGreaterThan(0.9);
  });

  test('is less sure of half a voice than of a whole one', () => {
    const between = unit(Float32Array.from(A, (x, i) => x + 1.4 * C[i]!));
    const sure = search([{ voice: A, seconds: 1.5 }]).probability(0);
    expect(search([{ voice: between, seconds: 1.5 }]).probability(0)).toBeLessThan(sure - 0.1);
  });
});

describe('the scorer', () => {
  const scorer = new VoiceScorer([A, B], MODEL.calibration);
  const fresh = search([]).best().voice;
  const share = (label: number, part: number) => ({ label, voice: fresh, share: part });

  test('gives a pure window the calibration, bounded, and a stranger nothing', () => {
    const near = unit(Float32Array.from(A, (x, i) => x + C[i]!));
    const expected = MODEL.calibration.scale * dot(near, A) + MODEL.calibration.offset;
    expect(scorer.logOdds(scorer.hear(near), [share(0, 1)])).toBeCloseTo(expected, 5);
    expect(scorer.logOdds(scorer.hear(A), [share(1, 1)])).toBe(-3);
    expect(scorer.logOdds(scorer.hear(A), [share(UNKNOWN_LABEL, 1)])).toBe(0);
  });

  test('hears a mixture best as the mixture that it is', () => {
    const mixed = scorer.hear(unit(Float32Array.from(A, (x, i) => 0.4 * x + 0.6 * B[i]!)));
    const odds = (ofA: number): number => scorer.logOdds(mixed, [share(0, ofA), share(1, 1 - ofA)]);
    for (const other of [0, 0.2, 0.6, 0.8, 1]) expect(odds(0.4)).toBeGreaterThan(odds(other));
  });

  test('expects a turn to go on as it began', () => {
    const odd = unit(Float32Array.from(A, (x, i) => x + 0.8 * C[i]!));
    const heard = scorer.hear(odd);
    const voice = fresh.with(heard, 1);
    const later = { label: 0, voice, share: 1 };
    expect(scorer.logOdds(heard, [later])).toBeGreaterThan(scorer.logOdds(heard, [share(0, 1)]));
  });
});

describe('the evidence of a turn', () => {
  const track = new SpeechTrack(6000);
  const pool = new EvidencePool([A, B], track);
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
    expect(pool.score(0, 60 * 16_000, 0)).toBeCloseTo(dot(unit(sum), A), 2);
  });

  test('leaves out the windows of other turns, and is of the nearest for a stranger', () => {
    expect(pool.score(60 * 16_000, 66 * 16_000, 1)).toBeGreaterThan(0.9);
    expect(pool.score(60 * 16_000, 66 * 16_000, 0)).toBeLessThan(0.3);
    expect(pool.score(60 * 16_000, 66 * 16_000, UNKNOWN_LABEL)).toBe(pool.score(60 * 16_000, 66 * 16_000, 1));
    expect(pool.score(90 * 16_000, 91 * 16_000, 0)).toBe(0);
  });
});
