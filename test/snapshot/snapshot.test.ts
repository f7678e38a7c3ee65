import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import {
  fromFile,
  fromReadable,
  identify,
  readAll,
  SegmentationModel,
  SpeakerModel,
  type Profile,
} from '../../src/index.js';
import { exampleSpeakers } from '../example-voices.js';
import { AUDIO } from '../helpers.js';
import { meetingCall } from '../meeting-channels.js';
import { randomNumbers } from '../random.js';
import {
  cutAt,
  remembering,
  rememberingSegments,
  sourceOf,
  stoppedAt,
  uncut,
  type Obeying,
  type Stream,
  type Told,
} from './cut-run.js';

let real: SpeakerModel;
let model: SpeakerModel;
let speakers: Profile[];
let meeting: Float32Array;
const random = randomNumbers(20);

beforeAll(async () => {
  real = await SpeakerModel.fromPretrained();
  model = remembering(real);
  speakers = await exampleSpeakers(real);
  meeting = await readAll(fromFile(`${AUDIO}/meeting.wav`));
});
afterAll(() => {
  real.close();
});

/** As texts, so that the first difference is short. */
const linesOf = ({ events, profiles }: Told): string[] =>
  [...events, ...profiles].map((each) =>
    JSON.stringify(each, (_, value: unknown) => (value instanceof Float32Array ? [...value] : value)),
  );

async function expectSame(stream: Stream, cuts: readonly number[]): Promise<void> {
  const whole = await uncut(stream);
  for (const at of cuts) {
    const joined = await cutAt(stream, at);
    expect(linesOf(joined), `cut at ${at}`).toEqual(linesOf(whole));
    expect(joined.events, `cut at ${at}`).toEqual(whole.events);
  }
}

const anywhere = (samples: number, count: number): number[] =>
  Array.from({ length: count }, () => Math.floor(random() * samples));

/** Names, assignments and other speakers, in the course of the meeting. */
const obeying: Obeying = (event) => {
  if (event.type !== 'final') return undefined;
  if (event.turn === 1) return { type: 'assign', turn: 0, speaker: 'bob' };
  if (event.turn === 3) return { type: 'name', label: 'unknown-1', speaker: 'dana' };
  if (event.turn === 5) return { type: 'speakers', speakers: [...speakers].reverse() };
  return undefined;
};

describe('a stream that goes on from a snapshot tells what it would have told', () => {
  it('wherever it is cut: in turns, between them, at the first sample, at the end', async () => {
    const stream = { source: () => sourceOf([meeting]), options: { model, speakers } };
    await expectSame(stream, [0, 1, ...anywhere(meeting.length, 12), meeting.length, Infinity]);
  });

  it('with nobody enrolled, and commands before and after the cut', async () => {
    for (const enrolled of [[], speakers]) {
      const stream = { source: () => sourceOf([meeting]), options: { model, speakers: enrolled }, obeying };
      await expectSame(stream, anywhere(meeting.length, 6));
    }
  });

  it('of channels, one of which leaks into the other', async () => {
    const call = await meetingCall((_, i) => (i % 2) as 0 | 1, { levelDb: -12, delaySamples: 80 });
    const stream = { source: () => sourceOf(call), options: { model, speakers } };
    await expectSame(stream, anywhere(meeting.length, 4));
    // One sound on both is noticed once.
    const alike = { source: () => sourceOf([meeting, meeting]), options: { model, speakers } };
    await expectSame(alike, [16_000, 80_000]);
  });

  it('at 48 kHz, where the recording is read again', async () => {
    const pcm = Int16Array.from(
      { length: 3 * meeting.length },
      (_, i) => 32_000 * meeting[Math.floor(i / 3)]!,
    );
    const source = () =>
      fromReadable(Readable.from([Buffer.from(pcm.buffer)]), { encoding: 's16le', sampleRateHz: 48_000 });
    await expectSame({ source, options: { model, speakers } }, anywhere(meeting.length, 3));
  });

  it('with an adaptive step, and overlap of two voices', async () => {
    const both = meeting.map((x, i) => x + 0.7 * (meeting[i - 5 * 16_000] ?? 0));
    const stream = { source: () => sourceOf([both]), options: { model, speakers, maxStepMs: 1000 } };
    await expectSame(stream, anywhere(meeting.length, 4));
  });

  it('with a segmentation network', async () => {
    const segmentation = await SegmentationModel.bundled();
    const both = meeting.slice(0, 16 * 16_000).map((x, i) => x + (meeting[i + 20 * 16_000] ?? 0));
    const stream = {
      source: () => sourceOf([both]),
      options: { model, speakers, segmentation: rememberingSegments(segmentation) },
    };
    await expectSame(stream, anywhere(both.length, 2));
    segmentation.close();
  });

  it('of a live source with a gap and zeros', async () => {
    const source = () => ({
      live: true,
      async *[Symbol.asyncIterator]() {
        yield await Promise.resolve({ startSample: 0, samples: new Float32Array(64_000) });
        yield { startSample: 64_000, samples: meeting.subarray(0, 160_000) };
        yield { startSample: 300_000, samples: meeting.subarray(160_000) };
      },
    });
    await expectSame({ source, options: { model, speakers } }, [16_000, 60_000, 150_000, 224_000, 350_000]);
  });
});

describe('a snapshot', () => {
  const stream = (): Stream => ({ source: () => sourceOf([meeting]), options: { model, speakers } });

  test('is taken each so many seconds of sound', async () => {
    const at: number[] = [];
    await new Promise<void>((resolve, reject) => {
      identify(sourceOf([meeting]), {
        model,
        speakers,
        snapshots: { everySeconds: 10, onSnapshot: ({ sample }) => at.push(sample / 16_000) },
      }).subscribe({ error: reject, complete: resolve });
    });
    expect(at).toEqual(Array.from({ length: Math.floor(meeting.length / 160_000) }, (_, i) => 10 * (i + 1)));
  });

  test('of another stream, version, or with a byte that is wrong is refused', async () => {
    const { snapshot } = await stoppedAt(stream(), 100_000, [1600]);
    const resume = (bytes: Uint8Array, options = {}) =>
      identify(sourceOf([meeting]), { model, speakers, resume: bytes, ...options });
    expect(() => resume(snapshot.bytes, { latencySeconds: 3 })).toThrow(/other options \(latencySeconds\)/);
    const other = new Proxy(model, {
      get: (target, name): unknown => (name === 'fingerprint' ? 'f'.repeat(64) : Reflect.get(target, name)),
    });
    expect(() => resume(snapshot.bytes, { model: other, speakers: [] })).toThrow(/another model/);
    for (let i = 0; i < snapshot.bytes.length; i = 1 + Math.floor(i * 1.7)) {
      const bytes = Uint8Array.from(snapshot.bytes);
      bytes[i]! ^= 1;
      expect(() => resume(bytes)).toThrow(expect.objectContaining({ code: 'invalid-snapshot' }));
    }
    for (const length of [0, 3, 36, 37, snapshot.bytes.length - 1]) {
      expect(() => resume(snapshot.bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'invalid-snapshot' }),
      );
    }
  });

  test('what its taker throws ends the stream', async () => {
    const ended = new Promise((resolve, reject) => {
      const onSnapshot = (): void => {
        throw new Error('disk full');
      };
      identify(sourceOf([meeting]), {
        model,
        speakers,
        snapshots: { everySeconds: 5, onSnapshot },
      }).subscribe({
        error: reject,
        complete: () => {
          resolve(undefined);
        },
      });
    });
    await expect(ended).rejects.toThrow('disk full');
  });
});
