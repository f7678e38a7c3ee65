import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { firstValueFrom, retry, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  enrollWithReport,
  fromFile,
  fromReadable,
  fromSamples,
  identify,
  readAll,
  SegmentationModel,
  SpeakerModel,
  until,
  WhospeaksError,
  type AudioChunk,
  type AudioSource,
  type IdentifyEvent,
  type Profile,
} from '../src/index.js';
import { exampleSpeakers } from './example-voices.js';
import { AUDIO } from './helpers.js';

let model: SpeakerModel;
let speakers: Profile[];
let meeting: Float32Array;
let expected: IdentifyEvent[];

const all = (source: AudioSource): Promise<IdentifyEvent[]> =>
  firstValueFrom(identify(source, { model, speakers }).pipe(toArray()));

/** A source that hands out `samples` in pieces of the sizes given, over and over. */
function inPieces(samples: Float32Array, sizes: readonly number[], live = false): AudioSource {
  return {
    live,
    async *[Symbol.asyncIterator]() {
      for (let at = 0, i = 0; at < samples.length; i++) {
        const piece = samples.subarray(at, at + sizes[i % sizes.length]!);
        yield await Promise.resolve({ startSample: at, samples: piece });
        at += piece.length;
      }
    },
  };
}

beforeAll(async () => {
  model = await SpeakerModel.fromPretrained();
  speakers = await exampleSpeakers(model);
  meeting = await readAll(fromFile(`${AUDIO}/meeting.wav`));
  expected = await all(fromFile(`${AUDIO}/meeting.wav`));
});
afterAll(() => {
  model.close();
});

describe('enrollWithReport', () => {
  it('hears a second voice that speaks all the time', async () => {
    const [alice, bob] = await Promise.all(
      ['alice', 'bob'].map((name) => readAll(fromFile(`${AUDIO}/${name}.wav`))),
    );
    const length = Math.min(alice!.length, bob!.length);
    const both = alice!.subarray(0, length).map((x, i) => x + 0.6 * bob![i]!);
    const reports = await Promise.all(
      [alice!, both].map((samples) =>
        enrollWithReport(model, { name: 'a', sources: [fromSamples(samples)] }),
      ),
    );
    const advice = reports.map(({ report }) => report.advice.filter((text) => text.includes('at once')));
    expect(advice[0]).toEqual([]);
    expect(advice[1]).toHaveLength(1);
    expect(reports[0]!.report.overlapShare).toBeLessThan(0.1);
    expect(reports[1]!.report.overlapShare).toBeGreaterThan(0.2);
  });
});

describe('identify', () => {
  it('tells speakers as they speak, finished turns in order, and the end', () => {
    const segments = expected.filter((event) => event.type === 'final');
    expect(segments.map(({ speaker }) => speaker)).toEqual([
      'alice',
      'bob',
      'alice',
      'unknown-1',
      'bob',
      'alice',
      'unknown-1',
      'bob',
    ]);
    segments.slice(1).forEach((segment, i) => {
      expect(segment.startSample).toBeGreaterThanOrEqual(segments[i]!.endSample);
    });
    expect(expected.at(-1)).toEqual({ type: 'end', endSample: meeting.length });
  });

  it('tells where two speak at once, and where one does, does not', async () => {
    const second = (from: number, to: number): Float32Array => meeting.subarray(from * 16_000, to * 16_000);
    const [alice, bob] = [second(10.6, 15), second(4.5, 8.9)];
    const both = alice.map((x, i) => x + bob[i]!);
    const finals = (await all(fromSamples(Float32Array.from([...alice, ...both])))).filter(
      (event) => event.type === 'final',
    );
    expect(finals).toMatchObject([{ speaker: 'alice', overlap: true }]);
    expect(finals[0]!.overlaps).toHaveLength(1);
    const { startSample, endSample } = finals[0]!.overlaps[0]!;
    expect(Math.abs(startSample / 16_000 - 4.4)).toBeLessThan(0.6);
    expect(Math.abs(endSample / 16_000 - 8.8)).toBeLessThan(0.6);
    for (const event of expected)
      if (event.type === 'final') expect(event).toMatchObject({ overlap: false, overlaps: [] });
  });

  it('tells the same events however the recording was cut, piped or played', async () => {
    for (const sizes of [[160], [1, 7919, 333], [48_000]]) {
      expect(await all(inPieces(meeting, sizes))).toEqual(expected);
      expect(await all(inPieces(meeting, sizes, true))).toEqual(expected);
    }
    const pcm = readFileSync(`${AUDIO}/meeting.wav`).subarray(44);
    const pieces = Array.from({ length: Math.ceil(pcm.length / 4097) }, (_, i) =>
      pcm.subarray(i * 4097, (i + 1) * 4097),
    );
    const piped = fromReadable(Readable.from(pieces), {
      encoding: 's16le',
      sampleRateHz: 16_000,
      channels: 1,
    });
    expect(await all(piped)).toEqual(expected);
  });

  it('tells what came before a fault, then the fault, and no end', async () => {
    const broken: AudioSource = {
      live: false,
      async *[Symbol.asyncIterator]() {
        yield* inPieces(meeting.subarray(0, 16_000 * 4), [16_000]);
        throw new WhospeaksError('audio-corrupt', 'a broken frame');
      },
    };
    const told: IdentifyEvent[] = [];
    const fault = await new Promise((resolve) => {
      identify(broken, { model, speakers }).subscribe({ next: (event) => told.push(event), error: resolve });
    });
    expect(fault).toMatchObject({ code: 'audio-corrupt' });
    expect(told.map(({ type }) => type)).toContain('final');
    expect(told.map(({ type }) => type)).not.toContain('end');
  });

  it('pulls a source no faster than the network runs', async () => {
    let pulled = 0;
    let delivered = 0;
    let ahead = 0;
    const counted: AudioSource = {
      live: false,
      async *[Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
        for await (const chunk of inPieces(meeting, [8000])) {
          pulled++;
          ahead = Math.max(ahead, pulled - delivered);
          yield chunk;
        }
      },
    };
    const slow = {
      ...identity(model),
      embedWindow: async (window: Parameters<SpeakerModel['embedWindow']>[0]) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        const embedding = await model.embedWindow(window);
        delivered++;
        return embedding;
      },
    };
    await firstValueFrom(identify(counted, { model: slow, speakers }).pipe(toArray()));
    expect(pulled).toBeGreaterThan(70);
    // 8 windows in flight, 3 steps before the first window is whole, and the silent steps that need no network.
    expect(ahead).toBeLessThan(30);
  });

  it('unsubscribing closes the source', async () => {
    let closed = false;
    const endless: AudioSource = {
      live: true,
      async *[Symbol.asyncIterator]() {
        try {
          for (let at = 0; ; at += 1600) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            yield { startSample: at, samples: meeting.subarray(at % 480_000, (at % 480_000) + 1600) };
          }
        } finally {
          closed = true;
        }
      },
    };
    await firstValueFrom(identify(endless, { model, speakers }));
    await expect.poll(() => closed, { timeout: 60_000 }).toBe(true);
  });

  it('until() ends a live source with the turn in progress told', async () => {
    const stop = new AbortController();
    const source: AudioSource = {
      live: true,
      async *[Symbol.asyncIterator]() {
        yield { startSample: 0, samples: meeting.subarray(0, 16_000 * 3) };
        // Then the device says nothing more, ever.
        await new Promise(() => undefined);
      },
    };
    setTimeout(() => {
      stop.abort();
    }, 300);
    const told = await all(until(source, stop.signal));
    expect(told.map(({ type }) => type).slice(-2)).toEqual(['final', 'end']);
  });

  it('lost audio is told as lag', async () => {
    const gap: AudioSource = {
      live: true,
      async *[Symbol.asyncIterator]() {
        yield await Promise.resolve({ startSample: 0, samples: meeting.subarray(0, 32_000) });
        yield { startSample: 48_000, samples: meeting.subarray(48_000, 60_000) };
      },
    };
    const told = await all(gap);
    const lags = told.filter((event) => event.type === 'lag');
    expect(lags).toHaveLength(1);
    // To the frame: what was too short for one before the gap is lost with it.
    expect(lags[0]!.startSample + lags[0]!.lostSamples).toBe(48_000);
    expect(lags[0]!.startSample).toBeGreaterThan(32_000 - 400);
    expect(lags[0]!.startSample).toBeLessThanOrEqual(32_000);
    expect(told.at(-1)).toEqual({ type: 'end', endSample: 60_000 });
    // The hole in a recording is its own: nothing was lost here.
    const recorded = await all({ ...gap, live: false });
    expect(recorded.map(({ type }) => type)).not.toContain('lag');
    expect(recorded.at(-1)).toEqual({ type: 'end', endSample: 60_000 });
  });

  it('a live source of nothing but zeros is warned of', async () => {
    const zeros = inPieces(new Float32Array(16_000 * 6), [1600], true);
    const told = await all(zeros);
    expect(told.filter(({ type }) => type === 'warning')).toMatchObject([{ code: 'input-all-zero' }]);
    expect(told.some(({ type }) => type === 'tentative')).toBe(false);
  });

  it('a recording shorter than a window is answered too', async () => {
    const told = await all(fromSamples(meeting.subarray(9600, 9600 + 19_200), 16_000));
    expect(told.filter(({ type }) => type === 'final')).toMatchObject([{ speaker: 'alice' }]);
  });

  it('hears two at once with a segmentation network, however the sound comes', async () => {
    const [alice, bob] = await Promise.all(
      ['alice', 'bob'].map((name) => readAll(fromFile(`${AUDIO}/${name}.wav`))),
    );
    const [beforeSamples, togetherSamples] = [4 * 16_000, 3 * 16_000];
    const samples = alice!.slice(0, beforeSamples + togetherSamples);
    for (let i = 0; i < togetherSamples; i++) samples[beforeSamples + i]! += bob![i]!;
    const segmentation = await SegmentationModel.bundled();
    const heard = async (sizes: readonly number[]) =>
      firstValueFrom(identify(inPieces(samples, sizes), { model, speakers, segmentation }).pipe(toArray()));
    const whole = await heard([samples.length]);
    expect(await heard([160, 4001, 77])).toEqual(whole);
    segmentation.close();
    const overlaps = whole.flatMap((event) => (event.type === 'final' ? event.overlaps : []));
    const seconds =
      overlaps.reduce((sum, { startSample, endSample }) => sum + endSample - startSample, 0) / 16_000;
    expect(seconds).toBeGreaterThan(1);
    for (const { startSample } of overlaps) expect(startSample).toBeGreaterThan(beforeSamples - 4000);
  });

  it('refuses a segmentation network that is none', () => {
    const options = { model, speakers, segmentation: {} as never };
    expect(() => identify(fromSamples(meeting, 16_000), options)).toThrow(
      /"segmentation": expected a SegmentationModel/,
    );
  });

  it('refuses an option that does not exist, by name', () => {
    const options = { model, speakers, treshold: 0.5 };
    expect(() => identify(fromSamples(meeting, 16_000), options)).toThrow(/treshold/);
  });

  it.each([
    ['no profile', {}],
    ['a profile whose speech is no number', { speechSeconds: Number.NaN }],
    ['a profile whose voice is not finite', { centroid: new Float32Array(256).fill(Number.NaN) }],
  ])('refuses %s', (_, part) => {
    const profile = Object.keys(part).length === 0 ? part : { ...speakers[0], ...part };
    const options = { model, speakers: [profile as Profile] };
    expect(() => identify(fromSamples(meeting, 16_000), options)).toThrow(/"speakers.*expected profiles/);
  });

  it('refuses profiles of another model', async () => {
    const foreign = speakers.map((profile) => ({
      ...profile,
      model: { name: 'another', fingerprint: 'f'.repeat(64) },
    }));
    const run = firstValueFrom(
      identify(fromSamples(meeting, 16_000), { model, speakers: foreign }).pipe(toArray()),
    );
    await expect(run).rejects.toMatchObject({ code: 'model-mismatch' });
  });
});

/** The fields that a stage asks of a model, copied so that its network can be wrapped. */
function identity({ name, fingerprint, calibration, dimension, engineName, device }: SpeakerModel) {
  return { name, fingerprint, calibration, dimension, engineName, device };
}

describe('identify of a function that makes a source', () => {
  it('reads a new source at each subscription, so that retry() works', async () => {
    let made = 0;
    const events = identify(
      () => {
        made += 1;
        return made === 1 ? fromFile('/does/not/exist.wav') : fromSamples(meeting.subarray(0, 48_000));
      },
      { model, speakers },
    ).pipe(retry(1), toArray());
    expect((await firstValueFrom(events)).at(-1)).toMatchObject({ type: 'end', endSample: 48_000 });
    expect((await firstValueFrom(events)).at(-1)).toMatchObject({ type: 'end', endSample: 48_000 });
    expect(made).toBe(3);
  });

  it('refuses what is neither', () => {
    expect(() => identify('a.wav' as never, { model })).toThrow(/AudioSource/);
  });
});
