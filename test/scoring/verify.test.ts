import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findSpeakers,
  fromFile,
  fromSamples,
  readAll,
  SpeakerModel,
  verify,
  type Profile,
} from '../../src/index.js';
import { readRttm } from '../../src/evaluate/index.js';
import { exampleSpeakers } from '../example-voices.js';
import { AUDIO } from '../helpers.js';

let model: SpeakerModel;
let meeting: Float32Array;
let profiles: readonly Profile[];

beforeAll(async () => {
  model = await SpeakerModel.fromPretrained();
  meeting = await readAll(fromFile(`${AUDIO}/meeting.wav`));
  profiles = await exampleSpeakers(model);
});
afterAll(() => {
  model.close();
});

/** The longest turn of a speaker in the meeting. */
function saidBy(speaker: string): Float32Array {
  const turns = readRttm(readFileSync(`${AUDIO}/meeting.rttm`, 'utf8'), 'meeting').filter(
    (turn) => turn.speaker === speaker,
  );
  const seconds = turns.map((turn) => turn.endSeconds - turn.startSeconds);
  const { startSeconds, endSeconds } = turns[seconds.indexOf(Math.max(...seconds))]!;
  return meeting.slice(16_000 * startSeconds, 16_000 * endSeconds);
}
const speakers = [
  ...new Set(
    readRttm(readFileSync(`${AUDIO}/meeting.rttm`, 'utf8'), 'meeting').map(({ speaker }) => speaker),
  ),
];
const stranger = speakers.find((name) => name !== 'alice' && name !== 'bob')!;

describe('verify', () => {
  it('tells one person from two, whichever comes first', async () => {
    const alice = fromFile(`${AUDIO}/alice.wav`);
    const same = await verify(model, alice, saidBy('alice'));
    expect(same).toMatchObject({ same: true });
    expect(same.probability).toBeGreaterThan(0.95);
    expect(same.secondsA).toBeGreaterThan(8);
    const swapped = await verify(model, saidBy('alice'), fromFile(`${AUDIO}/alice.wav`));
    expect(swapped.logLikelihoodRatio).toBeCloseTo(same.logLikelihoodRatio!, 6);
    expect(swapped.cosine).toBeCloseTo(same.cosine!, 6);
    const two = await verify(model, fromFile(`${AUDIO}/alice.wav`), fromFile(`${AUDIO}/bob.wav`));
    expect(two).toMatchObject({ same: false });
    expect(two.probability).toBeLessThan(0.05);
  });

  it('takes enrolled speakers, and a prior moves the probability alone', async () => {
    const even = await verify(model, profiles[0]!, saidBy('bob'));
    const likely = await verify(model, profiles[0]!, saidBy('bob'), { prior: 0.99 });
    expect(even.same).toBe(false);
    expect(likely.logLikelihoodRatio).toBe(even.logLikelihoodRatio);
    expect(likely.probability!).toBeGreaterThan(even.probability!);
    expect(Math.log(likely.probability! / (1 - likely.probability!))).toBeCloseTo(
      even.logLikelihoodRatio! + Math.log(99),
      6,
    );
  });

  it('answers too little speech as that, and advises more where there is little', async () => {
    const short = saidBy('alice').slice(0, 12_000);
    const answer = await verify(model, profiles[0]!, short);
    expect(answer).toMatchObject({ same: null, cosine: null, logLikelihoodRatio: null, probability: null });
    expect(answer.secondsB).toBeGreaterThan(0.2);
    expect(answer.secondsB).toBeLessThan(0.8);
    expect(answer.advice.join()).toMatch(/second recording has 0\.[2-8] s of speech: too little/);
    const silence = await verify(model, new Float32Array(160_000), profiles[0]!);
    expect(silence).toMatchObject({ same: null, secondsA: 0 });
    const little = await verify(model, profiles[0]!, fromSamples(saidBy('alice').slice(0, 48_000)));
    expect(little.same).not.toBeNull();
    expect(little.advice.join()).toMatch(/second recording has \d\.\d s of speech/);
  });

  it('refuses what is no voice, and profiles of another model', async () => {
    await expect(verify(model, profiles[0]!, 'alice.wav' as never)).rejects.toMatchObject({
      code: 'invalid-option',
    });
    await expect(verify(model, profiles[0]!, profiles[1]!, { prior: 1 })).rejects.toMatchObject({
      code: 'invalid-option',
    });
    const other = { ...profiles[0]!, model: { name: 'other', fingerprint: 'f'.repeat(64) } };
    await expect(verify(model, other, profiles[1]!)).rejects.toMatchObject({ code: 'model-mismatch' });
  });
});

describe('findSpeakers', () => {
  it('names the speaker, likeliest first, and shares the probability', async () => {
    const found = await findSpeakers(model, saidBy('bob'), profiles);
    expect(found.named).toBe('bob');
    expect(found.speakers.map(({ speaker }) => speaker)).toEqual(['bob', 'alice']);
    const sum = found.speakers.reduce((total, { probability }) => total + probability, 0);
    expect(sum + found.strangerProbability!).toBeCloseTo(1, 6);
    expect(found.speakers[0]!.probability).toBeGreaterThan(0.9);
    expect((await findSpeakers(model, saidBy('bob'), profiles, { count: 1 })).speakers).toHaveLength(1);
  });

  it('names nobody where it is a stranger, where nobody is enrolled or too little was said', async () => {
    const found = await findSpeakers(model, saidBy(stranger), profiles);
    expect(found.named).toBeNull();
    expect(found.strangerProbability).toBeGreaterThan(0.5);
    expect(await findSpeakers(model, saidBy('bob'), [])).toMatchObject({
      named: null,
      speakers: [],
      strangerProbability: 1,
    });
    expect(await findSpeakers(model, new Float32Array(32_000), profiles)).toMatchObject({
      named: null,
      strangerProbability: null,
    });
  });
});
