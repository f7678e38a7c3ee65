import { describe, expect, it } from 'vitest';
import { AudioBuffer } from '../../src/stream/audio-buffer.js';
import { SampleQueue } from '../../src/stream/sample-queue.js';

function fill(buffer: AudioBuffer, from: number, count: number, size: number): void {
  for (let i = 0; i < count; i++) {
    const startSample = from + i * size;
    buffer.push({ startSample, samples: Float32Array.from({ length: size }, (_, k) => startSample + k) });
  }
}

describe('AudioBuffer', () => {
  it('never holds more than its bound, drops the oldest and counts it', async () => {
    const buffer = new AudioBuffer({ maxSamples: 1_000 });
    fill(buffer, 0, 100, 160);
    expect(buffer.queuedSamples).toBe(1_000);
    expect(buffer.droppedSamples).toBe(15_000);
    const first = await buffer.next();
    expect(first.value?.startSample).toBe(15_000);
    expect(first.value?.samples[0]).toBe(15_000);
  });

  it('shows the loss as a gap between chunks that were read', async () => {
    const buffer = new AudioBuffer({ maxSamples: 320 });
    fill(buffer, 0, 1, 160);
    const before = await buffer.next();
    fill(buffer, 160, 4, 160);
    const after = await buffer.next();
    expect(before.value?.startSample).toBe(0);
    expect(after.value?.startSample).toBe(480);
    expect(buffer.droppedSamples).toBe(320);
  });

  it('delivers what it holds before the end or the failure', async () => {
    const ended = new AudioBuffer({ maxSamples: 1_000 });
    fill(ended, 0, 1, 10);
    ended.end();
    expect((await ended.next()).done).toBe(false);
    expect((await ended.next()).done).toBe(true);

    const failed = new AudioBuffer({ maxSamples: 1_000 });
    fill(failed, 0, 1, 10);
    failed.fail(new Error('gone'));
    expect((await failed.next()).done).toBe(false);
    await expect(failed.next()).rejects.toThrow('gone');
    expect((await failed.next()).done).toBe(true);
  });

  it('wakes a reader that waits, for audio and for being left', async () => {
    const buffer = new AudioBuffer({ maxSamples: 1_000 });
    const waiting = buffer.next();
    fill(buffer, 0, 1, 10);
    expect((await waiting).value?.samples).toHaveLength(10);
    const last = buffer.next();
    await buffer.return();
    expect((await last).done).toBe(true);
  });
});

describe('SampleQueue', () => {
  it('gathers small pieces, keeps gaps, and drops the oldest samples at its bound', () => {
    const queue = new SampleQueue(10_000);
    for (let at = 0; at < 16_000; at += 10)
      queue.push({ startSample: at, samples: new Float32Array(10).fill(at) });
    expect([queue.queuedSamples, queue.droppedSamples]).toEqual([10_000, 6_000]);
    const first = queue.take()!;
    expect(first.startSample).toBe(6_000);
    expect(first.samples).toHaveLength(2_000);
    expect(first.samples[10]).toBe(6_010);
    expect(queue.take()!.samples).toHaveLength(4_000);
    queue.clear();
    queue.push({ startSample: 1000, samples: new Float32Array(5) });
    queue.push({ startSample: 2000, samples: new Float32Array(5) });
    expect([queue.take()!.startSample, queue.take()!.startSample, queue.take()]).toEqual([1000, 2000, null]);
  });

  it('holds what it must, however long the piece', () => {
    const queue = new SampleQueue(1_000);
    queue.push({ startSample: 0, samples: new Float32Array(1_000_000) });
    expect([queue.queuedSamples, queue.droppedSamples]).toEqual([1_000, 999_000]);
    expect(queue.take()!.startSample).toBe(999_000);
  });
});
