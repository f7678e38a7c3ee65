import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLab, type Lab } from '../system/browser/lab.js';

/** Minutes of sound, as fast as it goes, and of a part: in the first, caches and heaps grow to their size. */
const MINUTES = 8;
const PART_MINUTES = 2;
/** What V8's heaps may waver by. An event a second that was kept, or a window's buffers, would be more. */
const MOST_GROWTH_BYTES = 24 * 2 ** 20;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 300_000);
afterAll(() => lab.close());

/** Resident memory of the processes that run pages and workers, bytes. */
function rendererBytes(): number {
  let total = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (!readFileSync(`/proc/${name}/cmdline`, 'latin1').includes('--type=renderer')) continue;
      if (!isOurs(Number(name))) continue;
      const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${name}/status`, 'utf8'));
      total += Number(resident?.[1] ?? 0) * 1024;
    } catch {
      // It has ended since.
    }
  }
  return total;
}

function isOurs(pid: number): boolean {
  for (let at = pid; at > 1;) {
    const parent = Number(readFileSync(`/proc/${at}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]);
    if (parent === process.pid) return true;
    at = parent;
  }
  return false;
}

it('hears minutes in a page, and its memory stays', { timeout: 1_800_000 }, async () => {
  await lab.page.evaluate(`lab.load()`);
  const { profile } = await lab.page.evaluate<{ profile: unknown }>(`lab.enroll('alice')`);
  await lab.page.evaluate(`lab.beginLong(${JSON.stringify(MINUTES * 60)}, ${JSON.stringify(profile)})`);
  const resident: number[] = [];
  const devtools = await lab.page.context().newCDPSession(lab.page);
  for (let minute = PART_MINUTES; minute <= MINUTES; minute += PART_MINUTES) {
    await lab.page.evaluate(`lab.heardLong(${minute * 60})`);
    // What nothing reaches any more is freed, the worker's too: V8 alone would leave it while there is memory.
    await devtools.send('Memory.simulatePressureNotification', { level: 'critical' });
    await lab.page.waitForTimeout(2000);
    resident.push(rendererBytes());
  }
  const { events, endSample } = await lab.page.evaluate<{ events: number; endSample: number }>(
    `lab.endLong()`,
  );
  const grown = resident.at(-1)! - resident[0]!;
  console.log(
    `resident, MiB, each two minutes: ${resident.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(', ')}`,
  );
  expect(resident[0]).toBeGreaterThan(0);
  expect(events).toBeGreaterThan(60);
  expect(endSample).toBe(MINUTES * 60 * 16_000);
  expect(grown).toBeLessThan(MOST_GROWTH_BYTES);
  expect(lab.complaints).toEqual([]);
});
