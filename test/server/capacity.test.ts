import { describe, expect, it } from 'vitest';
import { measureCapacity, RunningCapacity } from '../../src/server/capacity.js';
import type { WindowEmbedder } from '../../src/native/index.js';

/** A network whose windows take so much time, by clocks of its own; `others` is how many times slower others make it. */
function machine(cpuMsAWindow: number, others: () => number) {
  let now = 0;
  let cpu = 0;
  const model: WindowEmbedder = {
    embedWindow: () => {
      cpu += cpuMsAWindow;
      now += cpuMsAWindow * others();
      return Promise.resolve({ embedding: Float32Array.of(1) });
    },
  };
  return { model, clocks: { nowMs: () => now, cpuMs: () => cpu } };
}

const onCpu = { cores: 2, isOnCpu: true };

describe('maxStreams: auto', () => {
  it('is the same whatever else the machine does, and tells that it does much', async () => {
    const quiet = machine(5, () => 0.5);
    const alone = await measureCapacity(quiet.model, onCpu, quiet.clocks);
    expect(alone).toEqual({ streams: 120, warnings: [] });
    let i = 0;
    const busy = machine(5, () => [4, 9, 6][i++ % 3]!);
    const { streams, warnings } = await measureCapacity(busy.model, onCpu, busy.clocks);
    expect(streams).toBe(120);
    expect(warnings).toEqual([expect.stringMatching(/other programs take the cores/)]);
  });

  it('follows the cores that the container may use', async () => {
    const { model, clocks } = machine(5, () => 1);
    expect((await measureCapacity(model, { ...onCpu, cores: 0.5 }, clocks)).streams).toBe(30);
  });

  it('warns where the cores should do much more', async () => {
    const { model, clocks } = machine(200, () => 0.5);
    const { streams, warnings } = await measureCapacity(
      model,
      { ...onCpu, windowMultiplyAdds: 0.4e9 },
      clocks,
    );
    expect(streams).toBe(3);
    expect(warnings).toEqual([expect.stringMatching(/maxStreams is 3, and 2 cores should serve 15 or more/)]);
  });

  it('of a network that is not on the CPU goes by the clock', async () => {
    const { model, clocks } = machine(1, () => 10);
    expect((await measureCapacity(model, { ...onCpu, isOnCpu: false }, clocks)).streams).toBe(30);
  });
});

describe('while streams run', () => {
  /** Ten seconds with so many streams, each second of which takes so much CPU time. */
  function after(
    capacity: RunningCapacity,
    tens: number,
    streams: number,
    cpuMsASecond: number,
    from = { atMs: 0, cpuMs: 0, audioSeconds: 0 },
  ) {
    let { atMs, cpuMs, audioSeconds } = from;
    const told: string[] = [];
    capacity.look({ cpuMs, audioSeconds }, atMs);
    for (let i = 0; i < tens; i++) {
      atMs += 10_000;
      audioSeconds += 10 * streams;
      cpuMs += 10 * streams * cpuMsASecond;
      const warning = capacity.look({ cpuMs, audioSeconds }, atMs);
      if (warning !== null) told.push(warning);
    }
    return { told, state: { atMs, cpuMs, audioSeconds } };
  }

  it('a figure that was too low grows, one that was too high shrinks', () => {
    const low = new RunningCapacity(5, 2);
    after(low, 60, 40, 16);
    expect(low.streams).toBeGreaterThanOrEqual(98);
    expect(low.streams).toBeLessThanOrEqual(100);
    const high = new RunningCapacity(400, 2);
    after(high, 60, 200, 16);
    expect(high.streams).toBeLessThanOrEqual(101);
  });

  it('a few streams of many say nothing', () => {
    const capacity = new RunningCapacity(100, 2);
    after(capacity, 60, 3, 300);
    expect(capacity.streams).toBe(100);
  });

  it('warns once when it falls to less than half, and again when it does so anew', () => {
    const capacity = new RunningCapacity(100, 2);
    const first = after(capacity, 20, 40, 80);
    expect(first.told).toEqual([expect.stringMatching(/100 were measured at the start/)]);
    const better = after(capacity, 20, 40, 16, first.state);
    expect(better.told).toEqual([]);
    expect(after(capacity, 20, 40, 80, better.state).told).toHaveLength(1);
  });
});
