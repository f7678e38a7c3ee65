import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromFile, readAll } from '../../src/index.js';
import { decodePowerset, SegmentationModel, speakerProbabilities } from '../../src/native/index.js';
import { segmentationFramesIn } from '../../src/stream/geometry.js';
import { ROOT } from '../helpers.js';

const RATE = 16_000;
let model: SegmentationModel;
let meeting: Float32Array;

beforeAll(async () => {
  model = await SegmentationModel.bundled({ engine: 'cpu' });
  meeting = await readAll(fromFile(join(ROOT, 'examples/audio/meeting.wav')));
});
afterAll(() => {
  model.close();
});

/** Who speaks at each 10 ms of the meeting, by its RTTM. */
function truth(): Set<string>[] {
  const at: Set<string>[] = Array.from({ length: Math.ceil(meeting.length / 160) }, () => new Set());
  for (const line of readFileSync(join(ROOT, 'examples/audio/meeting.rttm'), 'utf8').trim().split('\n')) {
    const [, , , start, seconds, , , speaker] = line.split(/\s+/);
    for (let t = Number(start); t < Number(start) + Number(seconds); t += 0.01)
      at[Math.round(t * 100)]?.add(speaker!);
  }
  return at;
}

describe('SegmentationModel', () => {
  it('hears who speaks in a meeting', async () => {
    const speakers = truth();
    let right = 0;
    let all = 0;
    for (let first = 0; first + 10 * RATE <= meeting.length; first += 10 * RATE) {
      const { frames, activity } = await model.segment(meeting.subarray(first, first + 10 * RATE));
      expect(frames).toBe(589);
      for (let frame = 0; frame < frames; frame++) {
        const speaks = activity.subarray(frame * 3, frame * 3 + 3).includes(1);
        const middle = first + 270 * frame + 495;
        if (speaks === speakers[Math.round(middle / 160)]!.size > 0) right++;
        all++;
      }
    }
    expect(all).toBeGreaterThan(589);
    expect(right / all).toBeGreaterThan(0.85);
  });

  it('gives probabilities that add up to 1', async () => {
    const { frames, logProbabilities } = await model.segment(meeting.subarray(0, 3 * RATE));
    for (let frame = 0; frame < frames; frame++) {
      const row = logProbabilities.subarray(frame * 7, frame * 7 + 7);
      expect(row.reduce((sum, x) => sum + Math.exp(x), 0)).toBeCloseTo(1, 5);
    }
  });

  it('runs windows of any lengths together, in order', async () => {
    const lengths = [5 * RATE, 20_000, 5 * RATE, 1261, ...new Array<number>(14).fill(20_000)];
    const windows = lengths.map((length, i) => meeting.subarray(i * 9000, i * 9000 + length));
    const together = await model.segment(windows);
    expect(together.map(({ frames }) => frames)).toEqual(lengths.map(segmentationFramesIn));
    for (const [i, window] of windows.entries()) {
      const alone = await model.segment(window);
      for (const [k, value] of alone.logProbabilities.entries())
        expect(together[i]!.logProbabilities[k]).toBeCloseTo(value, 4);
    }
  });

  it('pads a window that is too short with zeros at its end', async () => {
    const short = meeting.subarray(32_000, 32_500);
    const padded = new Float32Array(model.minSamples);
    padded.set(short);
    const [own, other, empty] = await model.segment([short, padded, new Float32Array()]);
    expect(own!.frames).toBe(2);
    expect(own!.logProbabilities).toEqual(other!.logProbabilities);
    expect(empty).toEqual({ frames: 0, logProbabilities: new Float32Array(), activity: new Uint8Array() });
    expect(await model.segment([])).toEqual([]);
  });

  it('hears nobody in silence', async () => {
    const { activity } = await model.segment(new Float32Array(10 * RATE));
    expect(activity.includes(1)).toBe(false);
  });

  it('refuses what it cannot hear', async () => {
    const broken = Float32Array.from(meeting.subarray(0, RATE));
    broken[77] = NaN;
    await expect(model.segment(broken)).rejects.toMatchObject({
      code: 'audio-not-finite',
      message: expect.stringMatching(/sample 77/) as string,
    });
    await expect(model.segment(new Float32Array(model.maxSamples + 1))).rejects.toMatchObject({
      code: 'engine-failed',
    });
    await expect(model.segment([new Int16Array(RATE)] as unknown as Float32Array[])).rejects.toMatchObject({
      code: 'invalid-option',
    });
    await expect(model.segment(broken, { windows: 3 } as object)).rejects.toMatchObject({
      code: 'invalid-option',
    });
  });

  it.each(['bf16', 'int8', 'fp16'] as const)('refuses %s by name', async (precision) => {
    await expect(SegmentationModel.bundled({ engine: 'cpu', precision })).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringMatching(/pyannet.*fp32 alone/) as string,
    });
  });

  it('stops where it is told to', async () => {
    const windows = new Array<Float32Array>(40).fill(meeting.subarray(0, 5 * RATE));
    await expect(model.segment(windows, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    const closing = await SegmentationModel.bundled({ engine: 'cpu' });
    const running = closing.segment(windows);
    closing.close();
    await expect(running).rejects.toMatchObject({ code: 'engine-closed' });
  });
});

describe('powerset classes', () => {
  const certain = (...classes: number[]): Float32Array =>
    Float32Array.from(classes.flatMap((best) => Array.from({ length: 7 }, (_, i) => (i === best ? 0 : -30))));

  it('are nobody, each speaker, each pair', () => {
    const activity = decodePowerset(certain(0, 1, 2, 3, 4, 5, 6));
    expect([...activity]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1]);
  });

  it('give a speaker the probability of every class that holds it', () => {
    const even = new Float32Array(7).fill(Math.log(1 / 7));
    for (const p of speakerProbabilities(even)) expect(p).toBeCloseTo(3 / 7, 6);
    expect(speakerProbabilities(certain(5))[1]).toBeCloseTo(0, 6);
  });
});
