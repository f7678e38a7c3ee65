import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** One window is small: beyond this many threads they wait for each other more than they compute. */
const MOST_USEFUL = 4;

/** Physical cores that this process may use, at most four. Two hyperthreads share one vector unit. */
export function defaultThreads(): number {
  const cores = availableParallelism();
  return Math.max(1, Math.min(MOST_USEFUL, hasHyperthreads() ? Math.ceil(cores / 2) : cores));
}

function hasHyperthreads(): boolean {
  if (process.platform !== 'linux') return process.arch === 'x64';
  try {
    return readFileSync('/sys/devices/system/cpu/smt/active', 'utf8').trim() === '1';
  } catch {
    return false;
  }
}
