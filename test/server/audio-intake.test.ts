import { describe, expect, it } from 'vitest';
import type { AudioMessage } from '../../src/protocol/index.js';
import { AudioIntake, type AudioMark, type IntakeFormat } from '../../src/server/session/audio-intake.js';
import type { AudioChunk } from '../../src/stream/index.js';

const format = (sampleRateHz: number): IntakeFormat => ({
  encoding: 's16le',
  sampleRateHz,
  channels: 1,
  audio: 'mix',
  live: true,
  framing: 'sequenced',
});

/** Messages of odd lengths, some of which skip sound. */
function messages(sampleRateHz: number): AudioMessage[] {
  const made: AudioMessage[] = [];
  let at = 0;
  for (let sequence = 0; sequence < 60; sequence++) {
    const frames = 731 + ((sequence * 397) % 1500);
    const payload = new Uint8Array(
      Int16Array.from({ length: frames }, (_, i) => 12_000 * Math.sin(((at + i) * 2765) / sampleRateHz))
        .buffer,
    );
    made.push({ sequence, skippedFrames: sequence % 17 === 9 ? 5003 : 0, payload });
    at += frames;
  }
  return made;
}

async function take(
  sampleRateHz: number,
  sent: readonly AudioMessage[],
  from: AudioMark | null,
): Promise<{ chunks: AudioChunk[]; intake: AudioIntake }> {
  const chunks: AudioChunk[] = [];
  let ready = (): void => undefined;
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const intake = new AudioIntake(format(sampleRateHz), 0, (chunk) => chunks.push(chunk), ready, from);
  await isReady;
  for (const message of sent) intake.push(message, 0);
  return { chunks, intake };
}

/** Sample by sample, by its place in the stream. */
function bySample(chunks: readonly AudioChunk[], from: number): Map<number, number> {
  const found = new Map<number, number>();
  for (const { startSample, samples } of chunks)
    samples.forEach((value, i) => startSample + i >= from && found.set(startSample + i, value));
  return found;
}

describe('an intake that is taken up', () => {
  it.each([8000, 16_000, 44_100, 48_000, 22_050])(
    'gives at %i Hz the very samples that the first one would have given',
    async (rateHz) => {
      const all = messages(rateHz);
      for (const cut of [6, 20, 31, 45]) {
        const { intake, chunks } = await take(rateHz, all.slice(0, cut), null);
        const last = chunks.at(-1)!;
        const sample = last.startSample + last.samples.length;
        const mark = intake.markBefore(sample);
        for (const message of all.slice(cut)) intake.push(message, 0);
        const second = await take(rateHz, all.slice(mark.sequence), mark);
        expect(mark.sequence).toBeGreaterThan(cut - 12);
        const [wanted, got] = [bySample(chunks, sample), bySample(second.chunks, sample)];
        expect(wanted.size).toBeGreaterThan(1000);
        expect(got).toEqual(wanted);
        expect(second.intake.receivedBytes).toBe(intake.receivedBytes);
        expect(second.intake.receivedSamples).toBe(intake.receivedSamples);
        for (const each of [intake, second.intake]) each.free();
      }
    },
  );
});
