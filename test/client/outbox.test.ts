import { describe, expect, it } from 'vitest';
import { Outbox, type OutboxOptions } from '../../src/client/outbox.js';
import { decodeAudioMessage } from '../../src/protocol/index.js';

const outbox = (options: Partial<OutboxOptions> = {}): Outbox =>
  new Outbox({ frameBytes: 2, maxFrames: 100, maxMessageFrames: 10, dropOldest: true, ...options });
const frames = (count: number, from = 0): Uint8Array =>
  Uint8Array.from({ length: 2 * count }, (_, i) => (from + (i >> 1)) % 256);
const sent = (box: Outbox): string[] =>
  box.take().map((bytes) => {
    const { sequence, skippedFrames, payload } = decodeAudioMessage(bytes)!;
    return `${sequence}: ${skippedFrames} skipped, ${payload[0]!}+${payload.length / 2}`;
  });

describe('Outbox', () => {
  it('cuts what it is given into messages of whole frames, numbered from 0', () => {
    const box = outbox();
    box.restart(1000);
    box.push(frames(12).subarray(0, 23));
    expect(sent(box)).toEqual(['0: 0 skipped, 0+10', '1: 0 skipped, 10+1']);
    box.push(frames(12).subarray(23));
    expect(sent(box)).toEqual(['2: 0 skipped, 11+1']);
    expect(box.messages).toBe(3);
  });

  it('sends no more than the credit beyond what was acked', () => {
    const box = outbox();
    box.restart(40);
    box.push(frames(50));
    expect(sent(box)).toHaveLength(2);
    box.ack(-1, 40);
    expect(sent(box)).toHaveLength(0);
    box.ack(0, 40);
    expect(sent(box)).toEqual(['2: 0 skipped, 20+10']);
    box.ack(2, 0);
    expect(sent(box)).toHaveLength(0);
    box.ack(2, 39);
    expect(sent(box)).toEqual(['3: 0 skipped, 30+10']);
    expect(box.waitingFrames).toBe(10);
  });

  it('drops the oldest unsent audio beyond its bound and says how much was skipped', () => {
    const box = outbox();
    box.restart(20);
    box.push(frames(10));
    expect(sent(box)).toHaveLength(1);
    for (let at = 10; at < 140; at += 10) box.push(frames(10, at));
    expect(box.waitingFrames).toBe(100);
    expect(box.droppedFrames).toBe(30);
    box.ack(0, 20);
    expect(sent(box)).toEqual(['1: 30 skipped, 40+10']);
    box.ack(1, 20);
    expect(sent(box)).toEqual(['2: 0 skipped, 50+10']);
  });

  it('a recording is never dropped: it is full instead', () => {
    const box = outbox({ dropOldest: false });
    box.push(frames(99));
    expect(box.full).toBe(false);
    box.push(frames(60));
    expect(box.full).toBe(true);
    expect(box.droppedFrames).toBe(0);
    box.restart(10_000);
    expect(sent(box)).toHaveLength(16);
  });

  it('a resume sends again what the server lacks, skipped audio included', () => {
    const box = outbox({ maxFrames: 20 });
    box.restart(10_000);
    box.push(frames(20));
    expect(sent(box)).toHaveLength(2);
    for (let at = 20; at < 50; at += 10) box.push(frames(10, at));
    expect(sent(box)).toEqual(['2: 10 skipped, 30+10', '3: 0 skipped, 40+10']);
    box.ack(0, 10_000);
    box.resume(2, 10_000);
    expect(sent(box)).toEqual(['2: 10 skipped, 30+10', '3: 0 skipped, 40+10']);
  });

  it('while away, unsent audio gives way and unacked audio stays', () => {
    const box = outbox({ maxFrames: 20 });
    box.restart(40);
    box.push(frames(20));
    sent(box);
    for (let at = 20; at < 100; at += 10) box.push(frames(10, at));
    box.resume(1, 10_000);
    expect(sent(box)).toEqual(['1: 0 skipped, 10+10', '2: 60 skipped, 80+10', '3: 0 skipped, 90+10']);
  });

  it('a new session begins with the oldest audio that is left', () => {
    const box = outbox();
    box.restart(10_000);
    box.push(frames(30));
    sent(box);
    box.ack(0, 10_000);
    expect(box.restart(10_000)).toBe(10);
    expect(sent(box)).toEqual(['0: 0 skipped, 10+10', '1: 0 skipped, 20+10']);
    box.ack(1, 10_000);
    expect(box.restart(10_000)).toBe(30);
  });
});
