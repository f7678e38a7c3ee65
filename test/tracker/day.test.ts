import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { EmbeddedWindow } from '../../src/native/types.js';
import { Tracker } from '../../src/tracker/index.js';
import { randomNumbers } from '../random.js';
import { MODEL, moved, profileFor, randomVoice, RATE, windowsOf, type Part } from './synthetic.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const random = randomNumbers(4242);

const HOURS = 24;
const ENROLLED = 2;
const REGULARS = 2;
const MAX_UNKNOWN = 4;
const BLOCK_SECONDS = 300;
const TURN_SECONDS = 5;
/** As long as a window: a third of the usual work, for the same time on the stream's clock. */
const STEP_SECONDS = 1.5;
/** Turns of strangers are remembered, so that they can be corrected: up to eleven thousand, of some 250 bytes each. */
const MAX_GROWTH_BYTES = 3e6;
const MAX_TEST_MS = 900_000;

const voices = Array.from({ length: ENROLLED + REGULARS }, () => randomVoice(random));
const speakers = voices.slice(0, ENROLLED).map((voice, i) => profileFor(`s${i}`, voice));

/** Turn follows turn, now and then after a breath, most without one; nobody is silent for long. */
function talk(cast: readonly Float32Array[], seconds: number, seed: number): EmbeddedWindow[] {
  const draw = randomNumbers(seed);
  const parts: Part[] = [];
  for (let at = 0; at < seconds; at += TURN_SECONDS) {
    const pause = draw() < 0.3 ? 0.4 : 0;
    parts.push({ voice: cast[Math.floor(draw() * cast.length)]!, seconds: TURN_SECONDS - pause });
    if (pause > 0) parts.push({ voice: null, seconds: pause });
  }
  return windowsOf(parts, { seed, stepSeconds: STEP_SECONDS });
}

/** Reachable bytes, typed arrays included. */
function reachableBytes(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test(
  'a day of speech without end, of regulars and of ever new people: flat memory, constant speed, a bounded cast',
  () => {
    const tracker = new Tracker({ speakers, model: MODEL, maxUnknown: MAX_UNKNOWN });
    // Windows are made once and repeated; a passer-by of each block is somebody new.
    const blocks = Array.from({ length: 8 }, (_, i) => talk(voices, BLOCK_SECONDS - 20, 100 + i));
    const labels = new Set<string>();
    const told = { known: 0, unknown: 0 };
    const bytes: number[] = [];
    const milliseconds: number[] = [];
    for (let block = 0; block < (HOURS * 3600) / BLOCK_SECONDS; block++) {
      const start = block * BLOCK_SECONDS * RATE;
      const stranger = talk([randomVoice(random)], 20, block);
      const windows = [
        ...blocks[block % blocks.length]!.map((window) => moved(window, start)),
        ...stranger.map((window) => moved(window, start + (BLOCK_SECONDS - 20) * RATE)),
      ];
      const began = process.cpuUsage();
      for (const window of windows) {
        for (const event of tracker.push(window)) {
          if (event.type !== 'final') continue;
          told[event.known ? 'known' : 'unknown']++;
          if (!event.known) labels.add(event.speaker);
        }
      }
      const { user, system } = process.cpuUsage(began);
      milliseconds.push((user + system) / 1000);
      if ((block + 1) % 72 === 0) bytes.push(reachableBytes());
    }
    // It was a day of work: most turns were told, of both kinds, and strangers came and went.
    expect(told.known).toBeGreaterThan(3000);
    expect(told.unknown).toBeGreaterThan(3000);
    expect(labels.size).toBeGreaterThan(3 * MAX_UNKNOWN);
    const alive = [...labels].filter((label) =>
      tracker
        .command({ type: 'name', label, speaker: `named ${label}` })
        .some(({ type }) => type === 'named'),
    );
    expect(alive.length).toBeGreaterThan(0);
    expect(alive.length).toBeLessThanOrEqual(MAX_UNKNOWN);
    // From the first quarter of the day to its end.
    expect(bytes.at(-1)! - bytes[0]!).toBeLessThan(MAX_GROWTH_BYTES);
    const quarter = milliseconds.length / 4;
    const speed = (from: number): number =>
      milliseconds.slice(from * quarter, (from + 1) * quarter).reduce((sum, ms) => sum + ms, 0);
    expect(speed(3) / speed(0)).toBeLessThan(1.5);
  },
  MAX_TEST_MS,
);
