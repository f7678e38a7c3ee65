import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hearWords } from '../src/hear-words.js';
import { SpeakerModel } from '../src/native/index.js';
import { fromFile, fromSamples, readAll, SAMPLE_RATE_HZ } from '../src/stream/index.js';
import { nameWords } from '../src/transcript/words/name-words.js';
import { AUDIO } from './helpers.js';

/** Alice until 5 s and Bob from there on; whoever told the segments takes the change for 0.7 s later. */
const CHANGE = 5;
const segments = [
  { speaker: 'alice', known: true, start: 0, end: CHANGE + 0.7, probability: 0.9 },
  { speaker: 'bob', known: true, start: CHANGE + 0.7, end: 10, probability: 0.9 },
];
const words = Array.from({ length: 24 }, (_, i) => ({
  text: `w${i}`,
  start: 0.1 + 0.4 * i,
  end: 0.4 + 0.4 * i,
}));
let model: SpeakerModel;
let samples: Float32Array;

beforeAll(async () => {
  model = await SpeakerModel.fromPretrained();
  const [alice, bob] = await Promise.all(
    ['alice', 'bob'].map((name) => readAll(fromFile(`${AUDIO}/${name}.wav`))),
  );
  samples = new Float32Array(10 * SAMPLE_RATE_HZ);
  samples.set(alice!.subarray(0, CHANGE * SAMPLE_RATE_HZ));
  samples.set(bob!.subarray(0, 5 * SAMPLE_RATE_HZ), CHANGE * SAMPLE_RATE_HZ);
});
afterAll(() => {
  model.close();
});

describe('hearWords', () => {
  it('puts words at a change right by their sound', async () => {
    const voices = await hearWords(model, fromSamples(samples), words, segments);
    const speakers = nameWords(words, segments, { voices }).map(({ speaker }) => speaker);
    const truth = words.map(({ start }) => (start < CHANGE ? 'alice' : 'bob'));
    expect(speakers).toEqual(truth);
    expect(nameWords(words, segments).map(({ speaker }) => speaker)).not.toEqual(truth);
  });

  it('hears a recording piece by piece as it does at once', async () => {
    const silence = 33;
    const long = new Float32Array(samples.length + silence * SAMPLE_RATE_HZ);
    long.set(samples, silence * SAMPLE_RATE_HZ);
    const later = <Item extends { start: number; end: number }>(item: Item): Item => ({
      ...item,
      start: item.start + silence,
      end: item.end + silence,
    });
    const words33 = words.map(later);
    const segments33 = segments.map(later);
    const voices = await hearWords(model, fromSamples(long), words33, segments33);
    const speakers = nameWords(words33, segments33, { voices }).map(({ speaker }) => speaker);
    expect(speakers).toEqual(words.map(({ start }) => (start < CHANGE ? 'alice' : 'bob')));
  });

  it('says nothing of words beyond the sound', async () => {
    const short = samples.subarray(0, 3 * SAMPLE_RATE_HZ);
    const voices = await hearWords(model, fromSamples(short), words, segments);
    expect(words.map((word) => voices.logLikelihood(word, 'alice')).filter((ratio) => ratio !== 0)).toEqual(
      [],
    );
    const nothing = await hearWords(model, fromSamples(new Float32Array(0)), words, segments);
    expect(nothing.logLikelihood(words[0]!, 'alice')).toBe(0);
  });

  it('rejects what is no model, no source, and stops', async () => {
    const bad = { code: 'invalid-option' };
    await expect(hearWords(null as never, fromSamples(samples), words, segments)).rejects.toMatchObject(bad);
    await expect(hearWords(model, samples as never, words, segments)).rejects.toMatchObject(bad);
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(
      hearWords(model, fromSamples(samples), words, segments, { signal: stopped }),
    ).rejects.toThrow('enough');
  });
});
