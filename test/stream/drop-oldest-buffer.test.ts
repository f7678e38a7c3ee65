import { describe, expect, it } from 'vitest';
import { DropOldestBuffer } from '../../src/stream/drop-oldest-buffer.js';

function fill(buffer: DropOldestBuffer, from: number, count: number, size: number): void {
  for (let i = 0; i < count; i++) {
    const startSample = from + i * size;
    buffer.push({ startSample, samples: Float32Array.from({ length: size }, (_, k) => startSample + k) });
  }
}

describe('DropOldestBuffer', () => {
  it('never holds more than its bound, drops the oldest and counts it', async () => {
    const buffer = new DropOldestBuffer(1_000);
    fill(buffer, 0, 100, 160);
    expect(buffer.bufferedSamples).toBe(1_000);
    expect(buffer.lostSamples).toBe(15_000);
    const first = await buffer.next();
    expect(first.value?.startSample).toBe(15_000);
    expect(first.value?.samples[0]).toBe(15_000);
  });

  it('shows the loss as a gap between chunks that were read', async () => {
    const buffer = new DropOldestBuffer(320);
    fill(buffer, 0, 1, 160);
    const before = await buffer.next();
    fill(buffer, 160, 4, 160);
    const after = await buffer.next();
    expect(before.value?.startSample).toBe(0);
    expect(after.value?.startSample).toBe(480);
    expect(buffer.lostSamples).toBe(320);
  });

  it('delivers what it holds before the end or the failure', async () => {
    const ended = new DropOldestBuffer(1_000);
    fill(ended, 0, 1, 10);
    ended.end();
    expect((await ended.next()).done).toBe(false);
    expect((await ended.next()).done).toBe(true);

    const failed = new DropOldestBuffer(1_000);
    fill(failed, 0, 1, 10);
    failed.fail(new Error('gone'));
    expect((await failed.next()).done).toBe(false);
    await expect(failed.next()).rejects.toThrow('gone');
    expect((await failed.next()).done).toBe(true);
  });

  it('wakes a reader that waits, for audio and for being left', async () => {
    const buffer = new DropOldestBuffer(1_000);
    const waiting = buffer.next();
    fill(buffer, 0, 1, 10);
    expect((await waiting).value?.samples).toHaveLength(10);
    const last = buffer.next();
    await buffer.return();
    expect((await last).done).toBe(true);
  });
});
