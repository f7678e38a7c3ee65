import { describe, expect, it } from 'vitest';
import { BatchScheduler } from '../../src/native/batch-scheduler.js';
import type { Job } from '../../src/native/job-queue.js';

const job = (batch = 1, frames = 148): Job => ({
  features: new Float32Array(0),
  batch,
  frames,
  resolve: () => undefined,
  reject: () => undefined,
});
const scheduler = (maxDelayMs: number, maxBatch = 4): BatchScheduler =>
  new BatchScheduler({ maxQueuedWindows: 100, maxBatch, maxDelayMs });

describe('BatchScheduler', () => {
  it('runs the windows of a lone stream at once', () => {
    const lone = scheduler(20);
    for (let step = 0; step < 10; step++) {
      const window = job();
      lone.push(window, step * 500);
      expect(lone.next(step * 500)).toEqual({ jobs: [window], waitMs: null });
    }
  });

  it('lets the windows of many streams meet, none longer than the bound', () => {
    const busy = scheduler(20);
    const first = job();
    busy.push(first, 0);
    expect(busy.next(0).jobs).toEqual([first]);
    const second = job();
    busy.push(second, 6);
    expect(busy.next(6)).toEqual({ jobs: [], waitMs: 20 });
    const third = job();
    busy.push(third, 12);
    expect(busy.next(12)).toEqual({ jobs: [], waitMs: 14 });
    expect(busy.next(26)).toEqual({ jobs: [second, third], waitMs: null });
    expect(busy.next(26)).toEqual({ jobs: [], waitMs: null });
  });

  it('does not wait once a batch is full', () => {
    const busy = scheduler(20);
    const jobs = Array.from({ length: 5 }, () => job());
    for (const each of jobs) busy.push(each, 1);
    expect(busy.next(1).jobs).toEqual(jobs.slice(0, 4));
    expect(busy.next(2)).toEqual({ jobs: [], waitMs: 19 });
  });

  it('counts the time that a window waited behind another batch', () => {
    const busy = scheduler(20);
    busy.push(job(), 0);
    busy.next(0);
    const late = job();
    busy.push(late, 5);
    expect(busy.next(60).jobs).toEqual([late]);
  });

  it('waits for nobody after a pause', () => {
    const busy = scheduler(20);
    for (const at of [0, 1, 2, 3]) busy.push(job(), at);
    busy.next(3);
    const later = job();
    busy.push(later, 1000);
    expect(busy.next(1000).jobs).toEqual([later]);
  });

  it('never waits with a bound of 0', () => {
    const eager = scheduler(0);
    for (const at of [0, 0, 1]) {
      const each = job();
      eager.push(each, at);
      expect(eager.next(at).jobs).toEqual([each]);
    }
  });

  it('joins windows of one length past those of another, and serves the first always', () => {
    const mixed = scheduler(0);
    const [a, b, c, d] = [job(1, 148), job(1, 60), job(1, 148), job(1, 60)];
    for (const each of [a, b, c, d]) mixed.push(each, 0);
    expect(mixed.next(0).jobs).toEqual([a, c]);
    expect(mixed.next(0).jobs).toEqual([b, d]);
  });

  it('keeps windows that belong together whole, and refuses beyond its bound', () => {
    const small = new BatchScheduler({ maxQueuedWindows: 6, maxBatch: 4, maxDelayMs: 0 });
    const [large, odd] = [job(5), job(1)];
    small.push(large, 0);
    small.push(odd, 0);
    expect(() => {
      small.push(job(1), 0);
    }).toThrow(expect.objectContaining({ code: 'engine-failed' }));
    expect(small.next(0).jobs).toEqual([large]);
    expect(small.drain()).toEqual([odd]);
    expect(small.next(0)).toEqual({ jobs: [], waitMs: null });
  });
});
