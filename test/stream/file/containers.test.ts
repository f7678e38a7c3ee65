import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ratioDb, signal } from '../signal.js';
import { hear } from './hear.js';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures', name));
const truth = signal(16_000);
const RATE_HZ = 16_000;

/** Timestamps of WebM are of whole ms. */
const JITTER_SAMPLES = 16;

/** Signal to error from `from` to `to` s, of a signal that begins at `startSeconds`, or within a ms of it. */
function ratioAt(samples: Float32Array, startSeconds: number, from: number, to: number): number {
  const start = Math.round(startSeconds * RATE_HZ);
  const [first, last] = [from, to].map((at) => Math.round((at - startSeconds) * RATE_HZ));
  const padded = new Float32Array(samples.length + JITTER_SAMPLES);
  padded.set(samples, JITTER_SAMPLES);
  let best = -Infinity;
  for (let shift = 0; shift <= 2 * JITTER_SAMPLES; shift++)
    best = Math.max(best, ratioDb(padded.subarray(start + shift), truth, first, last));
  return best;
}

describe('a container keeps its time', () => {
  it.each([
    ['late.m4a', 0.436, 2.5, 0.5],
    ['fragments-late.m4a', 0.436, 2.5, 0.5],
    ['late.mkv', 0.487, 2.5, 0.494],
  ])('%s: audio that begins late', async (name, from, to, starts) => {
    const { samples, runs, error } = await hear(fixture(name));
    expect(error).toBeNull();
    expect(runs).toHaveLength(1);
    expect(runs[0]![0]).toBeCloseTo(from, 2);
    expect(runs[0]![1]).toBeCloseTo(to, 1);
    expect(ratioAt(samples, starts, 0.6, 2.4)).toBeGreaterThan(18);
  });

  it.each([
    ['gap.m4a', 0.704, 1.216, 0, 2],
    ['fragments-gap.m4a', 0.768, 1.28, 0.064, 2.064],
    ['gap.webm', 0.714, 1.214, 0, 2],
  ])('%s: audio with a hole', async (name, holeFrom, holeTo, starts, ends) => {
    const { samples, runs, error } = await hear(fixture(name));
    expect(error).toBeNull();
    expect(runs).toHaveLength(2);
    expect(runs[0]![1]).toBeCloseTo(holeFrom, 2);
    expect(runs[1]![0]).toBeCloseTo(holeTo, 2);
    expect(runs[1]![1]).toBeCloseTo(ends, 1);
    expect(ratioAt(samples, starts, starts + 0.1, holeFrom - 0.1)).toBeGreaterThan(18);
    expect(ratioAt(samples, starts, holeTo + 0.15, ends - 0.1)).toBeGreaterThan(18);
  });

  it.each([
    ['fragments.m4a', 0.064, 18],
    ['opus.mp4', 0, 20],
    ['alac.m4a', 0, 80],
    ['quicktime.mov', 0, 18],
    ['opus.webm', 0, 20],
    ['live.webm', 0, 20],
    ['vorbis.webm', 0.003, 20],
    ['vorbis.mkv', 0.003, 20],
    ['aac.mkv', 0.064, 18],
    ['flac.mkv', 0, 80],
  ])('%s: all of it', async (name, starts, minDb) => {
    const { samples, runs, error } = await hear(fixture(name));
    expect(error).toBeNull();
    expect(runs).toHaveLength(1);
    expect(runs[0]![0]).toBeLessThan(0.005);
    expect(Math.abs(runs[0]![1] - starts - 2)).toBeLessThan(0.06);
    expect(ratioAt(samples, starts, starts + 0.05, starts + 1.9)).toBeGreaterThan(minDb);
  });
});

describe('a WebM', () => {
  /** As MediaRecorder leaves them: of clusters, too, nobody knew the size. */
  function ofUnknownSizes(bytes: Buffer): Buffer {
    const copy = Buffer.from(bytes);
    const cluster = Buffer.from('1f43b675', 'hex');
    for (let at = copy.indexOf(cluster); at >= 0; at = copy.indexOf(cluster, at + 1)) {
      const width = Math.clz32(copy[at + 4]!) - 23;
      copy.fill(0xff, at + 4, at + 4 + width);
      copy[at + 4] = 0xff >> (width - 1);
    }
    return copy;
  }

  it('of clusters whose size nobody knew', async () => {
    const bytes = ofUnknownSizes(fixture('live.webm'));
    expect(bytes).not.toEqual(fixture('live.webm'));
    const { samples, runs, error } = await hear(bytes);
    expect(error).toBeNull();
    expect(runs).toHaveLength(1);
    expect(ratioAt(samples, 0, 0.05, 1.9)).toBeGreaterThan(20);
  });

  it('that is damaged goes on at the next cluster, and says so', async () => {
    const bytes = Buffer.from(fixture('live.webm'));
    const third = bytes.indexOf(Buffer.from('1f43b675', 'hex'), bytes.length / 2);
    bytes.fill(0, third - 300, third - 100);
    const { runs, error } = await hear(bytes);
    expect(error).toMatchObject({ code: 'audio-corrupt' });
    expect(runs.at(-1)![1]).toBeCloseTo(2, 1);
  });

  it('of a codec that is not read says which', async () => {
    const bytes = Buffer.from(fixture('opus.webm'));
    bytes.write('A_DTSX', bytes.indexOf('A_OPUS'), 'latin1');
    expect((await hear(bytes)).error).toMatchObject({
      code: 'audio-unsupported',
      message: expect.stringContaining('A_DTSX') as string,
    });
  });
});

describe('an m4a', () => {
  it.each(['free', 'skip', 'wide', 'mdat'])('is known by its first box, be it %s', async (type) => {
    const bytes = Buffer.from(fixture('faststart.m4a'));
    bytes.write(type, 4, 'latin1');
    const { runs, error } = await hear(bytes);
    expect(error).toBeNull();
    expect(runs.at(-1)![1]).toBeGreaterThan(1.9);
  });

  it('of FLAC is heard', async () => {
    const { samples, runs, error } = await hear(fixture('flac.mp4'));
    expect(error).toBeNull();
    expect(runs).toEqual([[0, 0.2]]);
    expect(ratioDb(samples, truth, 0, 3_200)).toBeGreaterThan(80);
  });

  it('of a codec that is not read says which', async () => {
    const bytes = fixture('flac.mp4');
    bytes.write('ec-3', bytes.indexOf('fLaC'), 'latin1');
    expect((await hear(bytes)).error).toMatchObject({
      code: 'audio-unsupported',
      message: expect.stringContaining('ec-3') as string,
    });
  });

  it.each(['gap.m4a', 'fragments-gap.m4a', 'late.m4a', 'opus.mp4', 'alac.m4a'])(
    '%s that is cut says so after what there is of it',
    async (name) => {
      const bytes = fixture(name);
      // The index of those that are not made of fragments lies behind the audio: move it to the front, in its own way.
      const cut = name.startsWith('frag') ? bytes.subarray(0, bytes.length * 0.6) : cutMedia(bytes, 0.6);
      const { runs, error } = await hear(cut);
      expect(error).toMatchObject({ code: 'audio-truncated' });
      expect(runs.at(-1)![1]).toBeGreaterThan(0.7);
      expect(runs.at(-1)![1]).toBeLessThan(1.9);
    },
  );
});

/** The boxes after the media, and the media cut to a share of it, at the end. */
function cutMedia(bytes: Buffer, share: number): Buffer {
  let at = 0;
  const boxes: { type: string; bytes: Buffer }[] = [];
  while (at + 8 <= bytes.length) {
    const size = bytes.readUInt32BE(at);
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), bytes: bytes.subarray(at, at + size) });
    at += size;
  }
  const moov = Buffer.from(boxes.find(({ type }) => type === 'moov')!.bytes);
  const stco = moov.indexOf('stco') + 4;
  const chunks = moov.readUInt32BE(stco + 4);
  for (let i = 0; i < chunks; i++) {
    const place = stco + 8 + 4 * i;
    moov.writeUInt32BE(moov.readUInt32BE(place) + moov.length, place);
  }
  const front = boxes.filter(({ type }) => type !== 'moov' && type !== 'mdat').map((each) => each.bytes);
  const media = boxes.find(({ type }) => type === 'mdat')!.bytes;
  return Buffer.concat([front[0]!, moov, ...front.slice(1), media.subarray(0, media.length * share)]);
}
