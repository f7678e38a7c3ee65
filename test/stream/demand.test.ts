import { describe, expect, it } from 'vitest';
import { Demand } from '../../src/stream/demand.js';

async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe('Demand', () => {
  it('has room until the limit is outstanding, and again after a release', async () => {
    const demand = new Demand(2);
    expect(await settled(demand.ready())).toBe(true);
    demand.acquire();
    expect(await settled(demand.ready())).toBe(true);
    demand.acquire();
    const waiting = demand.ready();
    expect(await settled(waiting)).toBe(false);
    demand.release();
    expect(await settled(waiting)).toBe(true);
    expect(demand.outstanding).toBe(1);
  });

  it('wakes only when enough has been released', async () => {
    const demand = new Demand(2);
    demand.acquire(4);
    const waiting = demand.ready();
    demand.release(2);
    expect(await settled(waiting)).toBe(false);
    demand.release();
    expect(await settled(waiting)).toBe(true);
  });

  it('refuses a limit that lets nothing through', () => {
    expect(() => new Demand(0)).toThrow(RangeError);
    expect(() => new Demand(1.5)).toThrow(RangeError);
  });
});
