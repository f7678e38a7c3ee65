// A program of its own, so that nothing but the tracker and what it is fed with is in its memory: a day of speech
// through one tracker. Prints what was seen as one line of JSON. Run with --expose-gc.
import type { EmbeddedWindow } from '../../src/native/types.js';
import { Tracker } from '../../src/tracker/index.js';
import { randomNumbers } from '../random.js';
import { reachableBytes } from '../reachable-bytes.js';
import { MODEL, moved, profileFor, randomVoice, RATE, windowsOf, type Part } from './synthetic.js';

const HOURS = 24;
const ENROLLED = 2;
const REGULARS = 2;
const MAX_UNKNOWN = 4;
const BLOCK_SECONDS = 300;
const TURN_SECONDS = 5;
/** As long as a window: a third of the usual work, for the same time on the stream's clock. */
const STEP_SECONDS = 1.5;
const BLOCKS = (HOURS * 3600) / BLOCK_SECONDS;
/** A tracker that starts with the last quarter hears the same as the old one, by turns: that is what is compared. */
const LAST_QUARTER = BLOCKS * 0.75;

export interface Day {
  readonly known: number;
  readonly unknown: number;
  /** Labels of unknown voices, and those that could still be named at the end. */
  readonly labels: number;
  readonly alive: number;
  readonly maxUnknown: number;
  /** Reachable bytes after each quarter of the day, typed arrays included. */
  readonly bytes: readonly number[];
  /** CPU time over the last quarter, of the day's tracker and of one that is new there. */
  readonly oldMs: number;
  readonly youngMs: number;
}

const random = randomNumbers(4242);
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

function makeTracker(): Tracker {
  return new Tracker({ speakers, model: MODEL, maxUnknown: MAX_UNKNOWN });
}

const tracker = makeTracker();
let young: Tracker | undefined;
// Windows are made once and repeated; a passer-by of each block is somebody new.
const blocks = Array.from({ length: 8 }, (_, i) => talk(voices, BLOCK_SECONDS - 20, 100 + i));
const labels = new Set<string>();
const told = { known: 0, unknown: 0 };
const bytes: number[] = [];
let oldMs = 0;
let youngMs = 0;

/** CPU time of a block, ms. */
function timed(work: () => void): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

function listen(windows: readonly EmbeddedWindow[]): void {
  for (const window of windows) {
    for (const event of tracker.push(window)) {
      if (event.type !== 'final') continue;
      told[event.known ? 'known' : 'unknown']++;
      if (!event.known) labels.add(event.speaker);
    }
  }
}

/** Each first as often: the rest of the machine slows both down alike. A function, so that nothing here holds the other one. */
function sideBySide(other: Tracker, windows: readonly EmbeddedWindow[], isFirst: boolean): void {
  const pushAll = (): void => {
    for (const window of windows) other.push(window);
  };
  if (isFirst) youngMs += timed(pushAll);
  oldMs += timed(() => {
    listen(windows);
  });
  if (!isFirst) youngMs += timed(pushAll);
}

for (let block = 0; block < BLOCKS; block++) {
  const start = block * BLOCK_SECONDS * RATE;
  const stranger = talk([randomVoice(random)], 20, block);
  const windows = [
    ...blocks[block % blocks.length]!.map((window) => moved(window, start)),
    ...stranger.map((window) => moved(window, start + (BLOCK_SECONDS - 20) * RATE)),
  ];
  if (block < LAST_QUARTER) listen(windows);
  else sideBySide((young ??= makeTracker()), windows, block % 2 === 0);
  if ((block + 1) % (BLOCKS / 4) === 0) {
    young = undefined;
    bytes.push(await reachableBytes(globalThis.gc!));
  }
}
const alive = [...labels].filter((label) =>
  tracker.command({ type: 'name', label, speaker: `named ${label}` }).some(({ type }) => type === 'named'),
);
const day: Day = {
  ...told,
  labels: labels.size,
  alive: alive.length,
  maxUnknown: MAX_UNKNOWN,
  bytes,
  oldMs,
  youngMs,
};
console.log(JSON.stringify(day));
