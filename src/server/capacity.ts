import type { WindowEmbedder } from '../native/index.js';
import { MEL_BINS, samplesOf, WINDOW_FRAMES } from '../stream/geometry.js';

/** Windows that a second of live speech makes. */
const WINDOWS_PER_SECOND = 2;
/** Share of the cores that the network of all streams may take: the rest is the front end, the sockets, and chance. */
const NETWORK_SHARE = 0.6;
/** Share that everything may take, once the cost of whole streams is known. */
const WHOLE_SHARE = 0.8;
const ROUNDS = 6;
/** Windows that are asked for together, as a busy server does. */
const TOGETHER = 4;
/** A live window that waits this long for the network says that the machine has enough to do. */
const OVERLOAD_SECONDS = 1;
/**
 * Multiply-adds that a core of the last ten years does in a second, 10^9, where its vector units are used; without them it
 * does a few. `whospeaks doctor` and `npm run bench` measure 30 to 120.
 */
const LEAST_GIGA_MULTIPLY_ADDS = 10;
/** By the clock so many times slower than by CPU time: others take the cores. */
const BUSY_FACTOR = 3;

/** Clocks that go forward, ms: that of the wall, and the CPU time that this process has used on all cores. */
export interface CapacityClocks {
  readonly nowMs: () => number;
  readonly cpuMs: () => number;
}

/** CPU time that this process has used. */
export function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export interface Capacity {
  /** Live streams that can be served in time; at least 1. */
  readonly streams: number;
  /** What the operator should know about that figure. */
  readonly warnings: readonly string[];
}

export interface MachineShare {
  /** Cores that the network may use; 1.5 is one and a half. */
  readonly cores: number;
  /** Whether the network computes on them. Elsewhere, on a GPU, only the clock tells what it can do. */
  readonly isOnCpu: boolean;
  /** Multiply-adds of a window, where known. */
  readonly windowMultiplyAdds?: number | undefined;
}

/** What one window costs, ms: the least of several rounds, for whatever else runs can only add to it. */
async function windowCost(
  model: WindowEmbedder,
  { nowMs, cpuMs }: CapacityClocks,
): Promise<{ readonly wallMs: number; readonly cpuMs: number }> {
  const features = Float32Array.from({ length: WINDOW_FRAMES * MEL_BINS }, (_, i) => Math.sin(i * 0.37));
  const samples = Float32Array.from({ length: samplesOf(WINDOW_FRAMES) }, (_, i) => 0.1 * Math.sin(i * 0.37));
  const window = {
    startSample: 0,
    endSample: samples.length,
    frames: WINDOW_FRAMES,
    features,
    samples,
    speechRatio: 1,
    step: { startSample: 0, endSample: samples.length, speech: new Uint8Array(WINDOW_FRAMES).fill(1) },
  };
  const round = async (): Promise<{ wallMs: number; cpuMs: number }> => {
    const start = { wall: nowMs(), cpu: cpuMs() };
    await Promise.all(Array.from({ length: TOGETHER }, () => model.embedWindow(window)));
    return { wallMs: (nowMs() - start.wall) / TOGETHER, cpuMs: (cpuMs() - start.cpu) / TOGETHER };
  };
  await round();
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await round());
  const least = (values: number[]): number => Math.max(0.01, Math.min(...values));
  const wall = rounds.map(({ wallMs }) => wallMs).sort((a, b) => a - b);
  return { wallMs: Math.max(0.01, wall[ROUNDS / 2]!), cpuMs: least(rounds.map((one) => one.cpuMs)) };
}

/**
 * Measure how many live streams the network can serve in time: by the CPU time of a window, which hardly depends on what
 * else the machine does.
 */
export async function measureCapacity(
  model: WindowEmbedder,
  { cores, isOnCpu, windowMultiplyAdds }: MachineShare,
  clocks: CapacityClocks,
): Promise<Capacity> {
  const { wallMs, cpuMs } = await windowCost(model, clocks);
  const streamsAt = (windowMs: number): number =>
    Math.max(1, Math.floor((NETWORK_SHARE * 1000) / (windowMs * WINDOWS_PER_SECOND)));
  if (!isOnCpu) return { streams: streamsAt(wallMs), warnings: [] };
  const streams = streamsAt(cpuMs / cores);
  const warnings: string[] = [];
  const gigaPerSecond = (windowMultiplyAdds ?? Infinity) / 1e6 / cpuMs;
  if (gigaPerSecond < LEAST_GIGA_MULTIPLY_ADDS) {
    const due = Math.floor((streams * LEAST_GIGA_MULTIPLY_ADDS) / gigaPerSecond);
    warnings.push(
      `maxStreams is ${streams}, and ${shown(cores)} should serve ${due} or more: the network runs at ` +
        `${gigaPerSecond.toFixed(1)} billion multiply-adds a second a core; run "whospeaks doctor" to see what it computes on`,
    );
  }
  const byClock = streamsAt(wallMs);
  if (byClock * BUSY_FACTOR < streams) {
    warnings.push(
      `maxStreams is ${streams} by CPU time, but other programs take the cores now: by the clock it would be ${byClock}; ` +
        'streams may be refused while the network is behind',
    );
  }
  return { streams, warnings };
}

/** Audio between two looks at the cost of streams, seconds a stream at the least. */
const WATCH_SECONDS = 10;
/** Streams at the least whose cost says what many cost, and share of the figure. */
const TELLING_STREAMS = 2;
const TELLING_SHARE = 1 / 4;
/** Weight of the newest look. */
const NEWEST_WEIGHT = 0.3;
/** The figure fell to this share of what was measured at the start. */
const FELL_SHARE = 1 / 2;

/** What the service has done so far. */
export interface Done {
  /** CPU time used, ms. */
  readonly cpuMs: number;
  /** Audio heard, of all streams, seconds. */
  readonly audioSeconds: number;
}

/** Goes on measuring while streams run: what they cost in CPU time, all of it, says how many there may be. */
export class RunningCapacity {
  readonly #measured: number;
  readonly #cores: number;
  #streams: number;
  #last: { readonly atMs: number; readonly done: Done } | null = null;
  #hasWarned = false;

  /** @param measured streams, as measured at the start */
  constructor(measured: number, cores: number) {
    this.#measured = measured;
    this.#streams = measured;
    this.#cores = cores;
  }

  get streams(): number {
    return Math.max(1, Math.floor(this.#streams));
  }

  /** Look at what was done. Returns what the operator should know, at most once while it is so. */
  look(done: Done, atMs: number): string | null {
    const last = (this.#last ??= { atMs, done });
    const seconds = (atMs - last.atMs) / 1000;
    if (seconds < WATCH_SECONDS) return null;
    this.#last = { atMs, done };
    const audioSeconds = done.audioSeconds - last.done.audioSeconds;
    if (audioSeconds < seconds * Math.max(TELLING_STREAMS, TELLING_SHARE * this.#streams)) return null;
    const cpuMs = Math.max(0.01, (done.cpuMs - last.done.cpuMs) / audioSeconds);
    const now = (WHOLE_SHARE * this.#cores * 1000) / cpuMs;
    this.#streams += NEWEST_WEIGHT * (now - this.#streams);
    if (this.#streams >= FELL_SHARE * this.#measured) {
      this.#hasWarned = false;
      return null;
    }
    if (this.#hasWarned) return null;
    this.#hasWarned = true;
    return (
      `maxStreams is ${this.streams} now, ${this.#measured} were measured at the start: a second of audio takes ` +
      `${cpuMs.toFixed(0)} ms of CPU time, of ${shown(this.#cores)}; see what else the machine does`
    );
  }
}

function shown(cores: number): string {
  const number = Number.isInteger(cores) ? String(cores) : cores.toFixed(1);
  return number === '1' ? '1 core' : `${number} cores`;
}

/**
 * Why no other stream can be served in time now, or null. The network alone says so: how far one stream is behind may be
 * that stream's own doing.
 */
export function overloadOf(network: { readonly liveWaitSeconds: number }): string | null {
  return network.liveWaitSeconds > OVERLOAD_SECONDS ? 'the streams that run are behind already' : null;
}
