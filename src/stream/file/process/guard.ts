/**
 * A thread beside the decoder, which may be caught in a loop: ends the process where it takes more than its limits,
 * or outlives the one that started it.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { SHARED, STOPPED } from './limits.js';

const TICK_MS = 50;
const TICKS_PER_LOOK_AT_PARENT = 20;

const shared = workerData as Int32Array;
const parent = process.ppid;

const at = (place: keyof typeof SHARED): number => Atomics.load(shared, SHARED[place]);

let lastCpuMs = cpuMs();
let recording = 0;
let answers = 0;
let sinceOpenMs = 0;
let sinceAnswerMs = 0;
let ticks = 0;

setInterval(() => {
  if (at('memoryMiB') > 0 && process.memoryUsage.rss() > at('memoryMiB') * 2 ** 20) stop(STOPPED.memory);
  watchTime();
  if (++ticks % TICKS_PER_LOOK_AT_PARENT === 0 && !isRunning(parent)) stop('');
}, TICK_MS);

function watchTime(): void {
  const nowMs = cpuMs();
  const spentMs = at('busy') === 1 ? nowMs - lastCpuMs : 0;
  lastCpuMs = nowMs;
  if (recording !== at('recording')) sinceOpenMs = 0;
  if (recording !== at('recording') || answers !== at('answers')) sinceAnswerMs = 0;
  recording = at('recording');
  answers = at('answers');
  sinceOpenMs += spentMs;
  sinceAnswerMs += spentMs;
  const allowedMs = at('cpuMs');
  if (sinceAnswerMs > allowedMs || sinceOpenMs > allowedMs + at('soundMs')) stop(STOPPED.time);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.ppid === pid || process.platform === 'win32';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function stop(why: string): void {
  try {
    writeSync(2, `${why}\n`);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}
