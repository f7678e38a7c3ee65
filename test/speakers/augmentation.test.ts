import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Convolver } from '../../src/acoustics/convolve.js';
import { Random } from '../../src/acoustics/random.js';
import { impulseResponse, randomPlace, randomRoom } from '../../src/acoustics/room.js';
import { SpeakerModel } from '../../src/native/index.js';
import { fromFile, fromSamples, readAll, type AudioSource } from '../../src/stream/index.js';
import { enroll, hearVoice, profileOf } from '../../src/speakers/index.js';
import { dot } from '../../src/vectors.js';

const SECOND = 16_000;
let model: SpeakerModel;
let alice: Float32Array;
let bob: Float32Array;
/** Alice's whole recording as enrolment hears it, and her voice by that. */
let heardAlice: Awaited<ReturnType<typeof hearVoice>>;
const plainAlice = (): Float32Array => profileOf(model, 'alice', [heardAlice.windows]).centroid;

const example = (name: string): Promise<Float32Array> =>
  readAll(fromFile(fileURLToPath(new URL(`../../examples/audio/${name}.wav`, import.meta.url))));

beforeAll(async () => {
  model = await SpeakerModel.fromPretrained();
  [alice, bob] = await Promise.all([example('alice'), example('bob')]);
  heardAlice = await hearVoice(model, fromSamples(alice));
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
  async function* pieces() {
    for (let at = 0; at < alice.length; at += 1237) {
      yield await Promise.resolve({ startSample: at, samples: alice.slice(at, at + 1237) });
    }
  }
  const source: AudioSource = { live: false, [Symbol.asyncIterator]: pieces };
  const [whole, inPieces] = [heardAlice, await hearVoice(model, source)];
  expect(whole.elsewhere.length).toBe(3);
  expect(whole.elsewhere[0]!.length).toBeGreaterThan(5);
  expect(inPieces.elsewhere).toEqual(whole.elsewhere);
});

test('windows full of speech are heard elsewhere, from all over the recording; of silence nothing is', async () => {
  const silence = new Float32Array(62 * SECOND);
  const late = Float32Array.from([...silence, ...alice]);
  const most = heardAlice.elsewhere[0]!.length;
  const { elsewhere } = await hearVoice(model, fromSamples(late));
  for (const list of elsewhere) expect(Math.abs(list.length - most)).toBeLessThanOrEqual(2);
  const few = await hearVoice(model, fromSamples(late), { maxElsewhere: 4 });
  for (const list of few.elsewhere) expect(list.length).toBeLessThanOrEqual(4);
  const none = await hearVoice(model, fromSamples(silence.subarray(0, 3 * SECOND)));
  expect(none.elsewhere.flat()).toEqual([]);
});

test('who speaks last and longest is enrolled, not who introduces them', async () => {
  const times = (samples: Float32Array, seconds: number): Float32Array =>
    Float32Array.from({ length: seconds * SECOND }, (_, i) => samples[i % samples.length]!);
  const recording = Float32Array.from([...times(bob, 30), ...times(alice, 60)]);
  const centroid = await centroidOf(recording, true);
  const [a, b] = [plainAlice(), await centroidOf(bob, false)];
  expect(dot(centroid, a)).toBeGreaterThan(dot(centroid, b) + 0.3);
});

test('enrolment hears a voice elsewhere', async () => {
  const { centroid } = await enroll(model, { name: 'alice', sources: [fromSamples(alice)] });
  const elsewhere = profileOf(model, 'alice', [heardAlice.windows], heardAlice.elsewhere).centroid;
  expect(dot(centroid, elsewhere)).toBeGreaterThan(0.9999);
  expect(dot(centroid, plainAlice())).toBeLessThan(0.99);
});

test('one of the places is noise: what is heard there is nearer to the voice in noise', async () => {
  const { windows, elsewhere } = await hearVoice(model, fromSamples(alice.slice(0, alice.length / 2)));
  const random = new Random(99);
  const noisy = await centroidOf(
    alice.slice(alice.length / 2).map((x) => x + 0.02 * random.normal()),
    false,
  );
  const plain = profileOf(model, 'somebody', [windows]).centroid;
  const inNoise = profileOf(model, 'somebody', [windows], [elsewhere[1]!]).centroid;
  expect(dot(inNoise, noisy)).toBeGreaterThan(dot(plain, noisy) + 0.03);
});

test('windows with little speech are not heard elsewhere', async () => {
  // Half a second of Alice every two seconds.
  const bursts = Float32Array.from({ length: 20 * SECOND }, (_, i) =>
    i % (2 * SECOND) < SECOND / 2 ? alice[SECOND + (i % (alice.length - SECOND))]! : 0,
  );
  const { windows, elsewhere } = await hearVoice(model, fromSamples(bursts));
  const good = windows.filter(({ embedding, speechRatio }) => embedding !== null && speechRatio >= 0.6);
  expect(windows.filter(({ embedding }) => embedding !== null).length).toBeGreaterThan(good.length);
  for (const list of elsewhere) expect(list.length).toBe(good.length);
});

test('a long recording in one piece makes the profile that it makes in many', async () => {
  const both = new Float32Array(alice.length * 3 + bob.length);
  for (let i = 0; i < 3; i++) both.set(alice, i * alice.length);
  both.set(bob, 3 * alice.length);
  async function* inOne() {
    yield await Promise.resolve({ startSample: 0, samples: both });
  }
  const one = await hearVoice(model, { live: false, [Symbol.asyncIterator]: inOne });
  const many = await hearVoice(model, fromSamples(both));
  expect(both.length).toBeGreaterThan(40 * SECOND);
  expect(one.elsewhere[0]!.length).toBeGreaterThan(5);
  expect(one.elsewhere).toEqual(many.elsewhere);
});
