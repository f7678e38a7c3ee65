import { describe, expect, it } from 'vitest';
import { simulate, slices, type SimulateOptions } from '../../../src/evaluate/index.js';
import { meanPower } from '../../../src/acoustics/power.js';
import { powerWithin } from '../../../src/evaluate/simulate/level.js';
import { people, utterance } from './utterances.js';

const talk = (options: Partial<SimulateOptions> = {}) =>
  simulate({ utterances: people(), seed: 3, seconds: 30, snrDb: 100, ...options });

describe('simulate', () => {
  it('makes the same conversation of the same seed, and another of another', () => {
    const [one, same] = [talk(), talk()];
    // Element by element, an assertion takes a minute.
    expect(Buffer.from(one.samples.buffer).equals(Buffer.from(same.samples.buffer))).toBe(true);
    expect([same.turns, same.conditions]).toEqual([one.turns, one.conditions]);
    expect(talk({ seed: 4 }).turns).not.toEqual(talk().turns);
  });

  it('has sound where the reference says so, and nowhere else', () => {
    const { samples, turns, conditions } = talk();
    const speech = powerWithin(samples, turns);
    const silence = slices(turns, [], {
      scored: [{ startSeconds: 0, endSeconds: conditions.seconds }],
    }).filter(({ reference }) => reference.size === 0);
    expect(silence.length).toBeGreaterThan(3);
    expect(10 * Math.log10(powerWithin(samples, silence) / speech)).toBeLessThan(-60);
    for (const turn of turns) expect(powerWithin(samples, [turn])).toBeGreaterThan(0.05 * speech);
  });

  it('leaves pauses inside an utterance out of the reference', () => {
    const { turns } = simulate({ utterances: [utterance('ann', 3, 200, 0.6)], seed: 1, snrDb: 100 });
    expect(turns.length).toBe(2);
    expect(turns[1]!.startSeconds - turns[0]!.endSeconds).toBeCloseTo(0.6, 2);
  });

  it('keeps the length, and at most two people talk at once', () => {
    const { turns, conditions } = talk({
      interruptProbability: 0.5,
      overlapProbability: 0.4,
      continueProbability: 0,
      seconds: 60,
    });
    expect(conditions.seconds).toBeLessThanOrEqual(61);
    const crowds = slices(turns, []).map(({ reference }) => reference.size);
    expect(Math.max(...crowds)).toBe(2);
    const entries = conditions.utterances.map(({ entry }) => entry);
    expect(entries).toContain('interrupt');
    expect(entries).toContain('overlap');
    // Nobody says one thing twice.
    const said = conditions.utterances.map(({ name, startSeconds }) => `${name} ${startSeconds}`);
    expect(new Set(said).size).toBe(said.length);
  });

  it('cuts short who is interrupted', () => {
    const { turns, conditions } = talk({ interruptProbability: 1, continueProbability: 0 });
    const { utterances } = conditions;
    const cut = utterances.findIndex(({ entry }) => entry === 'interrupt') - 1;
    const end = utterances[cut]!.endSeconds;
    expect(turns.some(({ endSeconds }) => Math.abs(endSeconds - end) < 1e-9)).toBe(true);
    expect(utterances[cut + 1]!.startSeconds).toBeLessThan(end);
  });

  it('adds noise at the ratio asked for', () => {
    const [quiet, noisy] = [talk(), talk({ snrDb: 10 })];
    expect(noisy.turns).toEqual(quiet.turns);
    const noise = noisy.samples.map((x, i) => x - quiet.samples[i]!);
    const ratio = powerWithin(quiet.samples, mergedRegions(quiet.turns)) / meanPower(noise);
    expect(10 * Math.log10(ratio)).toBeCloseTo(10, 1);
  });

  it('makes people differ in level by no more than asked', () => {
    const levels = talk({ levelSpreadDb: 12 }).conditions.speakers.map(({ levelDb }) => levelDb);
    expect(Math.max(...levels) - Math.min(...levels)).toBeLessThanOrEqual(12);
    expect(new Set(levels).size).toBe(3);
    expect(talk({ levelSpreadDb: 0 }).conditions.speakers.every(({ levelDb }) => levelDb === 0)).toBe(true);
  });

  it('puts people in a room, their levels unchanged', () => {
    const dry = talk();
    const wet = talk({ t60Seconds: [0.4, 0.4] });
    expect(wet.conditions.room?.t60Seconds).toBe(0.4);
    expect(wet.conditions.speakers.every(({ place }) => place !== null)).toBe(true);
    // The same people say other things in another order: what is drawn for the room comes first.
    const levelDb = (r: typeof dry) => 10 * Math.log10(powerWithin(r.samples, mergedRegions(r.turns)));
    expect(Math.abs(levelDb(wet) - levelDb(dry))).toBeLessThan(3);
  });

  it('goes through a telephone', () => {
    const plain = talk();
    const phone = talk({ telephone: true });
    expect(phone.turns).toEqual(plain.turns);
    expect(phone.samples.length).toBe(plain.samples.length);
    expect(phone.conditions.telephone).toBe(true);
  });

  it('names what is wrong', () => {
    expect(() => talk({ seconds: -1 })).toThrow(/simulate: option "seconds"/);
    expect(() => simulate({ utterances: [], seed: 1 })).toThrow(/at least one utterance/);
    expect(() => talk({ t60Seconds: [0.5, 0.2] })).toThrow(/lower bound first/);
    const silent = { speaker: 'ann', name: 'silence.wav', samples: new Float32Array(16_000) };
    expect(() => simulate({ utterances: [silent], seed: 1 })).toThrow(/"silence.wav" holds no sound/);
  });
});

function mergedRegions(turns: readonly { startSeconds: number; endSeconds: number }[]) {
  return slices(
    turns.map((turn) => ({ ...turn, speaker: 'any' })),
    [],
  ).filter(({ reference }) => reference.size > 0);
}
