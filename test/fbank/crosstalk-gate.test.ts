import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Correlator } from '../../src/fbank/correlator.js';
import { CrosstalkGate } from '../../src/fbank/crosstalk-gate.js';
import { features, withoutCrosstalk } from '../../src/fbank/operator.js';
import { HELD } from '../../src/fbank/speech-gate.js';
import type { FeatureBlock } from '../../src/fbank/types.js';
import { nativeFrontEnd } from '../../src/native/index.js';
import { fromFile, readAll } from '../../src/stream/index.js';
import { chunkOf } from '../../src/stream/chunk.js';
import { frames } from '../../src/stream/operator.js';
import { AUDIO } from '../helpers.js';

const SECOND = 16_000;
const alice = (await readAll(fromFile(`${AUDIO}/alice.wav`))).subarray(0, 6 * SECOND);
const bob = (await readAll(fromFile(`${AUDIO}/bob.wav`))).subarray(0, 6 * SECOND);
const db = (level: number): number => 10 ** (level / 20);
/** Some samples later, and some dB louder. */
const leaked = (sound: Float32Array, levelDb: number, delay: number): Float32Array =>
  sound.map((_, i) => db(levelDb) * (sound[i - delay] ?? 0));
const sum = (a: Float32Array, b: Float32Array): Float32Array => a.map((x, i) => x + b[i]!);
const noise = (seed: number): Float32Array =>
  alice.map((_, i) => 1e-4 * (((Math.sin(i * 12.9898 + seed) * 43_758.5453) % 1) * 2));

/** Speech flags of each channel, from sound that comes in pieces of this size. */
async function flagsOf(
  channels: readonly Float32Array[],
  gated = true,
  size = SECOND,
): Promise<Uint8Array[]> {
  const chunks = Array.from({ length: Math.ceil(channels[0]!.length / size) }, (_, i) =>
    chunkOf(
      i * size,
      channels.map((channel) => channel.subarray(i * size, (i + 1) * size)),
    ),
  );
  const blocks: FeatureBlock[] = await lastValueFrom(
    from(chunks).pipe(
      frames(),
      features(nativeFrontEnd),
      gated ? withoutCrosstalk() : (all) => all,
      toArray(),
    ),
  );
  return channels.map((_, index) =>
    Uint8Array.from(
      blocks.filter(({ channel }) => channel?.index === index).flatMap(({ speech }) => [...speech]),
    ),
  );
}
/** Frames that differ; a comparison of the arrays would take minutes to print. */
const unlike = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((count, flag, i) => count + Number(flag !== b[i]), Math.abs(a.length - b.length));
const spoken = (flags: Uint8Array): number => flags.reduce((count, flag) => count + Number(flag !== 0), 0);

describe('a voice that leaks', () => {
  it.each([
    [-12, 0],
    [-12, 320],
    [-20, 80],
    [-30, 160],
  ])('at %i dB, %i samples later, is speech on its own channel alone', async (level, delay) => {
    const channels = [sum(alice, noise(1)), sum(leaked(alice, level, delay), noise(2))];
    const before = await flagsOf(channels, false);
    expect(spoken(before[1]!)).toBeGreaterThan(0.8 * spoken(before[0]!));
    const after = await flagsOf(channels);
    expect(unlike(after[0]!, before[0]!)).toBe(0);
    expect(spoken(after[1]!)).toBeLessThan(0.1 * spoken(before[0]!));
  });

  it('does not take out who talks at the same time', async () => {
    const channels = [sum(alice, leaked(bob, -15, 100)), sum(bob, leaked(alice, -15, 100))];
    const before = await flagsOf([alice, bob], false);
    const after = await flagsOf(channels);
    for (const side of [0, 1]) expect(spoken(after[side]!)).toBeGreaterThan(0.8 * spoken(before[side]!));
  });

  it('is told on the channel that is louder now, whichever that is', async () => {
    const half = 3 * SECOND;
    const own = [noise(0), noise(1)];
    const turned = [0, 1].map((side) =>
      alice.map((x, i) => (i < half === (side === 0) ? x : db(-15) * x) + own[side]![i]!),
    );
    const [left, right] = await flagsOf(turned);
    const frame = half / 160;
    expect(spoken(right!.subarray(0, frame))).toBeLessThan(10);
    expect(spoken(left!.subarray(frame + 30))).toBeLessThan(10);
    expect(spoken(left!.subarray(0, frame))).toBeGreaterThan(100);
    expect(spoken(right!.subarray(frame + 30))).toBeGreaterThan(100);
  });

  it.each([
    [0, 1],
    [1, 0],
  ])('as loud as it is, but later, is speech on channel %i alone', async (own, other) => {
    for (const delay of [32, 320]) {
      const channels: Float32Array[] = [alice, alice];
      channels[other] = leaked(alice, 0, delay);
      const after = await flagsOf(channels.map((x, i) => sum(x, noise(i))));
      expect(spoken(after[own]!), `${delay}`).toBeGreaterThan(300);
      expect(spoken(after[other]!), `${delay}`).toBeLessThan(0.2 * spoken(after[own]!));
    }
  });

  it.each([-12, -30])('at %i dB is told once where the channels are not about zero', async (level) => {
    const offset = [0.1, -0.2];
    const channels = [sum(alice, noise(1)), sum(leaked(alice, level, 80), noise(2))].map((x, i) =>
      x.map((sample) => sample + offset[i]!),
    );
    const [own, other] = await flagsOf(channels);
    expect(spoken(own!)).toBeGreaterThan(300);
    expect(spoken(other!)).toBeLessThan(0.1 * spoken(own!));
  });

  it('is all there is where the other channels are silent, eight of them too', async () => {
    const [plain] = await flagsOf([alice, new Float32Array(alice.length)], false);
    for (const count of [2, 8]) {
      const channels: Float32Array[] = Array.from({ length: count }, () => new Float32Array(alice.length));
      channels[count - 1] = alice;
      const flags = await flagsOf(channels);
      expect(unlike(flags.at(-1)!, plain!)).toBe(0);
      expect(
        flags
          .slice(0, -1)
          .map(spoken)
          .every((frames) => frames === 0),
      ).toBe(true);
    }
  });

  it('into several is speech on one of them', async () => {
    const channels = [leaked(alice, -6, 40), alice, leaked(alice, -10, 90)].map((x, i) => sum(x, noise(i)));
    const [first, own, third] = (await flagsOf(channels)).map(spoken);
    expect(own).toBeGreaterThan(300);
    expect(Math.max(first!, third!)).toBeLessThan(0.1 * own!);
  });
});

describe('CrosstalkGate', () => {
  it('changes next to nothing where the channels have nothing to do with each other', async () => {
    const [before, after] = [await flagsOf([alice, bob], false), await flagsOf([alice, bob])];
    for (const side of [0, 1]) expect(unlike(after[side]!, before[side]!)).toBeLessThan(5);
  });

  it('gives the same flags however the sound is cut', async () => {
    const channels = [sum(alice, noise(1)), sum(leaked(alice, -15, 100), noise(2))];
    const whole = await flagsOf(channels);
    for (const size of [960, 7777]) {
      const cut = await flagsOf(channels, true, size);
      for (const side of [0, 1]) expect(unlike(cut[side]!, whole[side]!)).toBe(0);
    }
  });

  it('leaves one of two that are the same', async () => {
    const [first, second] = await flagsOf([alice, alice]);
    expect(unlike(first!, (await flagsOf([alice, bob], false))[0]!)).toBe(0);
    expect(spoken(second!)).toBe(0);
  });

  it('begins anew behind a hole', () => {
    const block = (startSample: number, samples: Float32Array, flag: number): FeatureBlock => {
      const count = Math.floor((samples.length - 240) / 160);
      return {
        startSample,
        count,
        features: new Float32Array(0),
        speech: new Uint8Array(count).fill(flag),
        samples,
      };
    };
    const gate = new CrosstalkGate(2);
    const piece = alice.subarray(SECOND, 2 * SECOND);
    const quiet = leaked(piece, -15, 0);
    const [, leak] = gate.push([block(0, piece, 1), block(0, quiet, 1)]);
    expect(leak!.speech.at(-1)).toBe(0);
    // What is only held open is judged by what it is held open for, and that is gone.
    const [, later] = gate.push([block(10 * SECOND, piece, HELD), block(10 * SECOND, quiet, HELD)]);
    expect(later!.speech[0]).toBe(HELD);
  });
});

describe('Correlator', () => {
  it('tells which share of the power is the other sound, and how much louder that is', () => {
    const correlator = new Correlator();
    const mixed = sum(leaked(alice, -20, 200), leaked(bob, -20, 0));
    let shares = 0;
    let count = 0;
    for (let at = 0; at < alice.length; at += 160) {
      correlator.push(mixed.subarray(at, at + 160), alice.subarray(at, at + 160));
      const { share } = correlator.explained();
      expect(share).toBeLessThanOrEqual(1);
      if (at > SECOND) [shares, count] = [shares + share, count + 1];
    }
    expect(shares / count).toBeGreaterThan(0.2);
    expect(shares / count).toBeLessThan(0.8);
    correlator.reset();
    expect(correlator.explained()).toEqual({ share: 0, ratio: 0 });
  });

  it('hears a sound that comes earlier too, and one that is turned over', () => {
    const early = new Correlator();
    for (let at = 320; at < 2 * SECOND; at += 160) {
      const own = alice.subarray(at + 48, at + 208).map((x) => -0.1 * x);
      early.push(own, alice.subarray(at, at + 160));
    }
    const { share, ratio } = early.explained();
    expect(share).toBeGreaterThan(0.95);
    expect(10 * Math.log10(ratio)).toBeCloseTo(20, 0);
  });
});
