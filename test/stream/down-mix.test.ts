import { describe, expect, it } from 'vitest';
import { DownMixer, type Channels } from '../../src/stream/down-mix.js';
import { fromBytes } from '../../src/stream/file/from-file.js';
import { readAll } from '../../src/stream/source.js';
import { ratioDb, signal } from './signal.js';
import { wavFile } from './wav-file.js';

const sound = signal(16_000, 1);
const mixOf = (channels: readonly Float32Array[], pieceSamples = sound.length): Float32Array => {
  const mixer = new DownMixer();
  const mono = new Float32Array(sound.length);
  for (let at = 0; at < mono.length; at += pieceSamples) {
    const pieces = channels.map((channel) => channel.subarray(at, at + pieceSamples));
    mono.set(mixer.mix(pieces, pieces[0]!.length), at);
  }
  return mono;
};
const scaled = (by: number): Float32Array => sound.map((x) => by * x);
const other = Float32Array.from({ length: sound.length }, (_, i) => 0.5 * Math.sin(i * 0.37));

describe('that channels which are not alike were mixed', () => {
  const long = (samples: Float32Array): Float32Array =>
    Float32Array.from({ length: 2 * samples.length }, (_, i) => samples[i % samples.length]!);
  const isMixed = (channels: readonly Float32Array[], audio: 'mix' | 'channels' = 'mix'): boolean => {
    const facts: Channels = { audio };
    new DownMixer(facts).planes(channels.map(long), 2 * sound.length);
    return facts.isMixed === true;
  };

  it('is told', () => {
    expect(isMixed([sound, other])).toBe(true);
    expect(isMixed([sound, scaled(0)])).toBe(true);
  });

  it('is not told of one sound on all of them, nearly so, turned over, nor where they are kept apart', () => {
    expect(isMixed([sound, sound])).toBe(false);
    expect(isMixed([sound, sound.map((x, i) => 0.9 * x + 0.001 * other[i]!)])).toBe(false);
    expect(isMixed([sound, scaled(-1)])).toBe(false);
    expect(isMixed([sound])).toBe(false);
    expect(isMixed([sound, other], 'channels')).toBe(false);
  });
});

describe('many channels to one', () => {
  it('is their mean', () => {
    const mono = mixOf([sound, other]);
    for (let i = 0; i < mono.length; i++) expect(mono[i]).toBeCloseTo((sound[i]! + other[i]!) / 2, 6);
  });

  it.each([
    ['its inverse', [sound, scaled(-1)], 1],
    ['its inverse, a little weaker', [sound, scaled(-0.9)], 1],
    ['its inverse, a little stronger', [scaled(-0.9), sound], 1],
    ['nothing on most of eight channels', [sound, ...Array.from({ length: 7 }, () => scaled(0))], 1 / 8],
    ['half its inverse', [sound, scaled(-0.5)], 0.25],
  ] as const)('of a signal and %s keeps the signal', (_, channels, share) => {
    const mono = mixOf(channels);
    expect(ratioDb(mono, scaled(share), 1024, mono.length)).toBeGreaterThan(60);
  });

  it('does not depend on how the channels are cut', () => {
    const channels = [sound, scaled(-1)];
    const whole = mixOf(channels);
    for (const size of [1, 37, 1024, 5000]) expect(mixOf(channels, size)).toEqual(whole);
  });

  it('goes back to the mean where the channels no longer cancel', () => {
    const second = sound.map((x, i) => (i < 8000 ? -x : other[i]!));
    const mono = mixOf([sound, second]);
    for (let i = 12_000; i < mono.length; i++) expect(mono[i]).toBeCloseTo((sound[i]! + other[i]!) / 2, 6);
  });

  it('hears a voice at once whose channels cancel from some time on, however loud it was before', () => {
    const loud = sound.map((x, i) => (i < 5120 ? 2 * x : x));
    const mono = mixOf([loud, loud.map((x, i) => (i < 5120 ? x : -x))]);
    expect(ratioDb(mono, loud, 5120 + 6 * 1024, mono.length)).toBeGreaterThan(60);
  });

  it('goes on hearing it after a moment in which they do not cancel', () => {
    const moment = (i: number): boolean => i >= 8192 && i < 8192 + 512;
    const mono = mixOf([sound, sound.map((x, i) => (moment(i) ? x : -x))]);
    expect(ratioDb(mono, sound, 1024, mono.length)).toBeGreaterThan(60);
  });

  it('hides no sample that is not finite', () => {
    const bad = scaled(-1);
    bad[5000] = Number.NaN;
    expect(mixOf([sound, bad])[5000]).toBeNaN();
  });

  it('of a recording whose channels cancel is heard', async () => {
    const samples = Float32Array.from({ length: 32_000 }, (_, i) => sound[i >> 1]! * (i & 1 ? -1 : 1));
    const bytes = wavFile({ rateHz: 16_000, channels: 2, encoding: 's16le', samples });
    const mono = await readAll(fromBytes(bytes, 'antiphase.wav'));
    expect(ratioDb(mono, sound, 1024, mono.length)).toBeGreaterThan(60);
  });
});
