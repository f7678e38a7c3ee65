import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Convolver } from '../../src/acoustics/convolve.js';
import { Random } from '../../src/acoustics/random.js';
import { impulseResponse, randomPlace, randomRoom } from '../../src/acoustics/room.js';
import { SpeakerModel } from '../../src/native/index.js';
import { fromFile, fromSamples, readAll, type AudioSource } from '../../src/stream/index.js';
import { hearVoice, profileOf, type HeardVoice } from '../../src/tracker/index.js';
import { dot } from '../../src/tracker/vectors.js';

const SECOND = 16_000;
let model: SpeakerModel;
let alice: Float32Array;
let bob: Float32Array;

const example = (name: string): Promise<Float32Array> =>
  readAll(fromFile(fileURLToPath(new URL(`../../examples/audio/${name}.wav`, import.meta.url))));

beforeAll(async () => {
  model = await SpeakerModel.fromPretrained();
  [alice, bob] = await Promise.all([example('alice'), example('bob')]);
});
afterAll(() => {
  model.close();
});

/** In a room and over noise that no enrolment knows. */
function inAnotherRoom(samples: Float32Array): Float32Array {
  const random = new Random(77);
  const room = randomRoom(random, [0.45, 0.45]);
  const wet = new Convolver(impulseResponse(room, randomPlace(random, room))).apply(samples);
  return wet.map((x) => x + 0.006 * random.normal());
}

async function centroidOf(samples: Float32Array, elsewhere: boolean): Promise<Float32Array> {
  const heard = await hearVoice(model, fromSamples(samples));
  return profileOf(model, 'somebody', [heard.windows], elsewhere ? heard.elsewhere : []).centroid;
}

test('a profile heard elsewhere too is nearer to its voice in a room, and less so to others', async () => {
  const first = alice.slice(0, alice.length / 2);
  const [plain, elsewhere] = await Promise.all([centroidOf(first, false), centroidOf(first, true)]);
  const [same, other] = await Promise.all(
    [alice.slice(alice.length / 2), bob].map((samples) => centroidOf(inAnotherRoom(samples), false)),
  );
  const gain = (voice: Float32Array): number => dot(elsewhere, voice) - dot(plain, voice);
  expect(gain(same!)).toBeGreaterThan(0.05);
  expect(gain(other!)).toBeLessThan(0.02);
});

test('the same recording is heard alike, however its pieces come', async () => {
  const lists = (heard: HeardVoice): unknown =>
    heard.elsewhere.map((windows) => windows.map(({ embedding }) => embedding));
  async function* pieces() {
    for (let at = 0; at < alice.length; at += 1237) {
      yield await Promise.resolve({ startSample: at, samples: alice.slice(at, at + 1237) });
    }
  }
  const source: AudioSource = { live: false, [Symbol.asyncIterator]: pieces };
  const [whole, inPieces] = [await hearVoice(model, fromSamples(alice)), await hearVoice(model, source)];
  expect(whole.elsewhere.length).toBe(3);
  expect(lists(inPieces)).toEqual(lists(whole));
});

test('of a long recording the first minute is heard elsewhere; of silence nothing is', async () => {
  const long = new Float32Array(90 * SECOND);
  for (let at = 0; at < long.length; at += alice.length) {
    long.set(alice.subarray(0, Math.min(alice.length, long.length - at)), at);
  }
  const { elsewhere, windows } = await hearVoice(model, fromSamples(long));
  expect(windows.at(-1)!.endSample).toBeGreaterThan(89 * SECOND);
  for (const list of elsewhere) expect(list.at(-1)!.endSample).toBeCloseTo(60 * SECOND, -3);
  expect((await hearVoice(model, fromSamples(new Float32Array(3 * SECOND)))).elsewhere).toEqual([]);
});
