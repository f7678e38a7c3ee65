import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ratioDb, signal } from '../signal.js';
import { hear } from './hear.js';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures', name));
const truth = signal(16_000);
/** Samples before the signal that the encoder put there, of 1024 a frame. */
const PRIMING = 1024;

describe('a stream of AAC frames', () => {
  const stream = fixture('mono-16000.aac');
  const frame = (i: number): number => {
    let at = 0;
    for (let k = 0; k < i; k++) at += (stream.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
    return at;
  };

  it.each([
    ['after other bytes', Buffer.concat([Buffer.alloc(333, 'x'), stream]), 0],
    ['cut inside a frame', stream.subarray(frame(5) + 40), 6],
  ])('is found %s', async (_, bytes, lost) => {
    const { samples, runs, error } = await hear(bytes);
    expect(error).toBeNull();
    expect(runs[0]![1]).toBeCloseTo(2.064 - lost * 0.064, 1);
    const at = lost * 1024 - PRIMING + 2048;
    expect(ratioDb(samples.subarray(2048), truth.subarray(at), 0, 12_000)).toBeGreaterThan(15);
  });

  it('goes on after damage, and says so', async () => {
    const at = frame(10) + 30;
    const bytes = Buffer.concat([stream.subarray(0, at), Buffer.alloc(50), stream.subarray(at)]);
    const { samples, runs, error } = await hear(bytes);
    expect(error).toMatchObject({ code: 'audio-corrupt' });
    expect(runs.at(-1)![1]).toBeCloseTo(2, 1);
    // Before it, and, a frame earlier, after it.
    expect(ratioDb(samples.subarray(PRIMING), truth, 1024, 8 * 1024)).toBeGreaterThan(15);
    expect(ratioDb(samples, truth, 14 * 1024, 24 * 1024)).toBeGreaterThan(15);
  });
});

it('one damaged frame of an m4a is silence, and all others are heard', async () => {
  const bytes = fixture('faststart.m4a');
  const middle = bytes.indexOf('mdat') + Math.floor((bytes.length - bytes.indexOf('mdat')) / 2);
  bytes.fill(0xff, middle, middle + 250);
  const { samples, runs, error } = await hear(bytes);
  expect(error).toMatchObject({ code: 'audio-corrupt' });
  expect(runs).toEqual([[0, expect.closeTo(2, 2)]]);
  expect(ratioDb(samples, truth, 1_600, 14_000)).toBeGreaterThan(15);
  expect(ratioDb(samples, truth, 18_000, 31_000)).toBeGreaterThan(15);
});
