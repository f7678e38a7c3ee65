import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomModel, TINY } from '../measure/random-model.js';
import { diarization, diarize, type DiarizeOptions } from '../src/diarize.js';
import { DiarizationPipeline } from '../src/diarization-pipeline.js';
import { diarizationError } from '../src/evaluate/index.js';
import { SegmentationModel } from '../src/native/segmentation-model.js';
import { SpeakerModel } from '../src/native/speaker-model.js';
import { exampleSpeakers } from './example-voices.js';
import { fromFile, fromSamples, readAll } from '../src/stream/index.js';
import { AUDIO } from './helpers.js';

/** Alternating turns of two of the example voices, one second of silence between them. */
async function conversation(): Promise<{
  samples: Float32Array;
  turns: { speaker: string; startSeconds: number; endSeconds: number }[];
}> {
  const voices = {
    alice: await readAll(fromFile(`${AUDIO}/alice.wav`)),
    bob: await readAll(fromFile(`${AUDIO}/bob.wav`)),
  };
  const pieces: Float32Array[] = [];
  const turns = [];
  let at = 16_000;
  for (let i = 0; i < 4; i++) {
    for (const speaker of ['alice', 'bob'] as const) {
      const piece = voices[speaker].slice(i * 40_000, (i + 1) * 40_000);
      if (piece.length < 16_000) continue;
      turns.push({ speaker, startSeconds: at / 16_000, endSeconds: (at + piece.length) / 16_000 });
      pieces.push(piece);
      at += piece.length + 16_000;
    }
  }
  const samples = new Float32Array(at);
  turns.forEach(({ startSeconds }, i) => {
    samples.set(pieces[i]!, startSeconds * 16_000);
  });
  return { samples, turns };
}

describe('diarize', () => {
  let model: SpeakerModel;
  let segmentation: SegmentationModel;
  let talk: Awaited<ReturnType<typeof conversation>>;
  beforeAll(async () => {
    model = await SpeakerModel.fromPretrained(undefined, { engine: 'cpu' });
    segmentation = await SegmentationModel.bundled({ engine: 'cpu' });
    talk = await conversation();
  });
  afterAll(() => {
    model.close();
    segmentation.close();
  });
  const run = (options: DiarizeOptions = {}, samples = talk.samples) =>
    diarize(model, fromSamples(samples), { segmentation, ...options });

  it('says who spoke when', async () => {
    const { segments, speakers, duration } = await run();
    expect(duration).toBeCloseTo(talk.samples.length / 16_000, 6);
    expect(speakers.map(({ label, known }) => [label, known])).toEqual([
      ['unknown-1', false],
      ['unknown-2', false],
    ]);
    const hypothesis = segments.map(({ speaker, start, end }) => ({
      speaker,
      startSeconds: start,
      endSeconds: end,
    }));
    const { rate, confusionSeconds } = diarizationError(talk.turns, hypothesis);
    expect(confusionSeconds).toBeLessThan(0.5);
    expect(rate).toBeLessThan(0.3);
    for (const { start, end, probability } of segments) {
      expect(end).toBeGreaterThan(start);
      expect(end).toBeLessThanOrEqual(duration);
      expect(probability).toBeGreaterThan(0.5);
      expect(probability).toBeLessThanOrEqual(1);
    }
    const said = segments
      .filter(({ speaker }) => speaker === 'unknown-1')
      .reduce((sum, s) => sum + s.end - s.start, 0);
    expect(speakers[0]!.seconds).toBeCloseTo(said, 6);
  });

  it('names an enrolled speaker, and makes profiles of the others that name them the next time', async () => {
    const profiles = await exampleSpeakers(model, ['alice']);
    const first = await run({ profiles });
    expect(first.speakers.map(({ label, known }) => [label, known])).toEqual([
      ['alice', true],
      ['unknown-1', false],
    ]);
    expect(first.speakers[0]!.profile).toBe(profiles[0]);
    const carol = { ...first.speakers[1]!.profile, name: 'carol' };
    expect(carol.model.fingerprint).toBe(model.fingerprint);
    const second = await run({ profiles: [carol] });
    expect(second.speakers.map(({ label }) => label).sort()).toEqual(['carol', 'unknown-1']);
  });

  it('gives the number of speakers that is asked for', async () => {
    expect((await run({ speakers: 1 })).speakers).toHaveLength(1);
    expect((await run({ maxSpeakers: 1 })).speakers).toHaveLength(1);
  });

  it('takes each channel for a recording of its own', async () => {
    const half = talk.samples.slice(talk.samples.length >> 1);
    const sources = [fromSamples(talk.samples), fromSamples(half)];
    const { segments, speakers, duration } = await diarize(model, sources, {
      audio: 'channels',
      segmentation,
    });
    expect(new Set(segments.map(({ channel }) => channel))).toEqual(new Set([0, 1]));
    expect(new Set(speakers.map(({ label }) => label)).size).toBe(speakers.length);
    expect(duration).toBeCloseTo(talk.samples.length / 16_000, 6);
    expect(segments.map(({ start }) => start)).toEqual(
      segments.map(({ start }) => start).sort((a, b) => a - b),
    );
  });

  it('tells a voice that leaks into another channel on its own alone', async () => {
    const own = (speaker: string): Float32Array => {
      const sound = new Float32Array(talk.samples.length);
      for (const turn of talk.turns.filter((each) => each.speaker === speaker)) {
        const [start, end] = [turn.startSeconds * 16_000, turn.endSeconds * 16_000];
        sound.set(talk.samples.subarray(start, end), start);
      }
      return sound;
    };
    const [left, right] = [own('alice'), own('bob')];
    // 12 dB below, and 5 ms later.
    const leaky = right.map((sample, i) => sample + 0.25 * (left[i - 80] ?? 0));
    const inTurnsOfAlice = (segments: readonly { start: number; end: number }[]): number =>
      talk.turns
        .filter(({ speaker }) => speaker === 'alice')
        .flatMap(({ startSeconds, endSeconds }) =>
          segments.map(({ start, end }) =>
            Math.max(0, Math.min(end, endSeconds) - Math.max(start, startSeconds)),
          ),
        )
        .reduce((sum, seconds) => sum + seconds, 0);
    const alone = await run({}, leaky);
    expect(inTurnsOfAlice(alone.segments)).toBeGreaterThan(5);
    const both = await diarize(model, [fromSamples(left), fromSamples(leaky)], {
      audio: 'channels',
      segmentation,
    });
    const of = (channel: number) => both.segments.filter((segment) => segment.channel === channel);
    expect(inTurnsOfAlice(of(0))).toBeGreaterThan(5);
    expect(inTurnsOfAlice(of(1))).toBeLessThan(0.5);
    expect(both.speakers.map(({ label, channel }) => [label, channel])).toEqual([
      ['unknown-1', 0],
      ['unknown-2', 1],
    ]);
  });

  it('finds nobody in silence, and in a blink of sound', async () => {
    for (const samples of [new Float32Array(320_000), new Float32Array(0), talk.samples.slice(0, 500)]) {
      const { segments, speakers, duration } = await run({}, samples);
      expect([segments, speakers]).toEqual([[], []]);
      expect(duration).toBeCloseTo(samples.length / 16_000, 6);
    }
  });

  it('tells how far it has come, and stops where it is told to', async () => {
    const told: string[] = [];
    await run({
      onProgress: ({ stage, position, duration }) => told.push(`${stage} ${position} ${duration}`),
    });
    const whole = talk.samples.length / 16_000;
    expect(told.at(-1)).toBe(`clustering ${whole} ${whole}`);
    expect(told[0]).toMatch(/^listening /);
    const stop = new AbortController();
    const stopped = run({
      signal: stop.signal,
      onProgress: () => {
        stop.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
  });

  it('is an Observable of progress and result', async () => {
    const events = await lastValueFrom(
      diarization(model, fromSamples(talk.samples), { segmentation }).pipe(toArray()),
    );
    expect(events.at(-1)).toMatchObject({ type: 'result' });
    expect(events.slice(0, -1).every(({ type }) => type === 'progress')).toBe(true);
  });

  it('refuses what it cannot do, by name', async () => {
    const code = 'invalid-option';
    await expect(run({ speakers: 0 })).rejects.toMatchObject({ code });
    await expect(run({ speakers: 2, maxSpeakers: 3 })).rejects.toMatchObject({ code });
    await expect(run({ minSpeakers: 3, maxSpeakers: 2 })).rejects.toMatchObject({ code });
    await expect(run({ speakers: 500 })).rejects.toThrow(
      /500 speakers were asked for, but only \d+ stretches/,
    );
    await expect(run({ speaker: 2 } as DiarizeOptions)).rejects.toThrow('unknown option "speaker"');
    await expect(run({ audio: 'channels' })).rejects.toMatchObject({ code });
    await expect(diarize(model, [fromSamples(talk.samples)], { segmentation })).rejects.toMatchObject({
      code,
    });
    const other = await SpeakerModel.fromWeights(randomModel(TINY), { engine: 'cpu' });
    const profiles = await exampleSpeakers(model, ['alice']);
    await expect(diarize(other, fromSamples(talk.samples), { segmentation, profiles })).rejects.toMatchObject(
      {
        code: 'model-mismatch',
      },
    );
    const [profile] = profiles;
    await expect(run({ profiles: [{ ...profile!, speechSeconds: Number.NaN }] })).rejects.toThrow(
      /"profiles.*expected profiles/,
    );
    await expect(run({ profiles: [...profiles, ...profiles] })).rejects.toMatchObject({
      code: 'speaker-exists',
    });
    other.close();
  });

  it('runs with the weights of another network, without cohort or calibration', async () => {
    const other = await SpeakerModel.fromWeights(randomModel(TINY), { engine: 'cpu' });
    const { segments } = await diarize(other, fromSamples(talk.samples), { segmentation });
    expect(segments.length).toBeGreaterThan(0);
    other.close();
  });

  it('is a pipeline of samples under the names of others', async () => {
    const pipeline = await DiarizationPipeline.fromPretrained();
    const { segments } = await pipeline.diarize(talk.samples, 16_000);
    expect(segments).toEqual((await run()).segments);
    pipeline.close();
  });
});
