import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRttm } from '../../src/evaluate/index.js';
import { telephone } from '../../src/acoustics/telephone.js';
import { HELD, LIKELY, SPEECH } from '../../src/fbank/speech-gate.js';
import { MEL_BINS } from '../../src/fbank/types.js';
import { nativeFrontEnd } from '../../src/native/index.js';
import { frameBlock } from './frame-block.js';
import { readExample } from './read-example.js';
import { randomNumbers } from '../random.js';

const meeting = readExample('examples/audio/meeting.wav');
const turns = readRttm(readFileSync('examples/audio/meeting.rttm', 'utf8'));

function flagsOf(samples: Float32Array): Uint8Array {
  const block = frameBlock(samples);
  return nativeFrontEnd.makeGate().push(nativeFrontEnd.makeLogMel().compute(block), block.count);
}

/** Share of the frames from `from` to `to` seconds that are flagged. */
function share(flags: Uint8Array, from: number, to: number): number {
  const part = flags.subarray(Math.round(from * 100), Math.round(to * 100));
  return part.reduce((sum, flag) => sum + (flag === 0 ? 0 : 1), 0) / part.length;
}

describe('NeuralGate', () => {
  it.each([0, -20, -35])('hears the turns of a conversation at %d dB', (decibels) => {
    const flags = flagsOf(meeting.map((v) => v * 10 ** (decibels / 20)));
    for (const turn of turns) expect(share(flags, turn.startSeconds, turn.endSeconds)).toBeGreaterThan(0.8);
  });

  it('hears them through a telephone, where low and high bins are empty', () => {
    for (const decibels of [0, -20]) {
      const call = telephone(meeting.map((v) => v * 10 ** (decibels / 20)));
      const flags = flagsOf(call);
      for (const turn of turns) expect(share(flags, turn.startSeconds, turn.endSeconds)).toBeGreaterThan(0.8);
    }
  });

  it('is sure of what is said, and of noise that it takes for speech it is not', () => {
    const sure = (flags: Uint8Array): number =>
      flags.filter((flag) => flag === SPEECH).length / flags.filter((flag) => flag !== 0).length;
    const talk = flagsOf(meeting);
    for (const { startSeconds, endSeconds } of turns)
      expect(sure(talk.subarray(startSeconds * 100, endSeconds * 100))).toBeGreaterThan(0.15);
    // A siren: a tone that goes up and down three times a second.
    const siren = Float32Array.from(
      { length: 20 * 16_000 },
      (_, i) => 0.1 * Math.sign(Math.sin((Math.PI * i) / 40 + 8 * Math.sin((6 * Math.PI * i) / 16_000))),
    );
    const flags = flagsOf(siren);
    expect(share(flags, 0, 20)).toBeGreaterThan(0.02);
    expect(sure(flags)).toBeLessThan(0.05);
  });

  it('stays closed in silence and in steady noise', () => {
    const random = randomNumbers(21);
    const noise = Float32Array.from({ length: 10 * 16_000 }, () => 0.02 * (random() + random() - 1));
    expect(share(flagsOf(noise), 2, 9)).toBe(0);
    expect(share(flagsOf(new Float32Array(160_000)), 0, 9)).toBe(0);
  });

  it('opens within 200 ms of the first word and closes within a second of the last', () => {
    const samples = new Float32Array(12 * 16_000);
    const first = turns[0]!;
    const from = Math.round(first.startSeconds * 16_000);
    const count = Math.round((first.endSeconds - first.startSeconds) * 16_000);
    samples.set(meeting.subarray(from, from + count), 3 * 16_000);
    const flags = flagsOf(samples);
    const opened = flags.findIndex((flag) => flag !== 0);
    expect(opened).toBeGreaterThan(290);
    expect(opened).toBeLessThan(320);
    const closed = flags.findLastIndex((flag) => flag !== 0);
    expect(closed).toBeLessThan(300 + count / 160 + 100);
    // What is flagged only because it is held tells where the last word was.
    const heard = flags.findLastIndex((flag) => flag === SPEECH || flag === LIKELY);
    expect(heard).toBeLessThan(300 + count / 160 + 20);
    expect([...flags.subarray(heard + 1, closed + 1)]).toEqual(Array<number>(30).fill(HELD));
  });

  it('gives a frame the same flag however the stream is cut and whatever follows', () => {
    const block = frameBlock(meeting.subarray(0, 6 * 16_000));
    const features = nativeFrontEnd.makeLogMel().compute(block);
    const whole = nativeFrontEnd.makeGate().push(features, block.count);
    const gate = nativeFrontEnd.makeGate();
    const random = randomNumbers(2);
    for (let at = 0; at < block.count;) {
      const count = Math.min(block.count - at, 1 + Math.floor(random() * 40));
      const part = gate.push(features.subarray(at * MEL_BINS, (at + count) * MEL_BINS), count);
      expect(part).toEqual(whole.subarray(at, at + count));
      at += count;
    }
    gate.reset();
    expect(gate.push(features, block.count)).toEqual(whole);
  });
});
