import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cpuQuota, type QuotaFiles } from './cpu-quota.js';

/** One window is small: beyond this many threads they wait for each other more than they compute. */
const MOST_USEFUL = 4;

/**
 * Physical cores that this process may use, at most four. Two hyperthreads share one vector unit; more threads than the
 * container's CPU quota would all be stopped when it is used up.
 */
export function defaultThreads(files?: QuotaFiles): number {
  const cores = availableParallelism();
  const physical = hasHyperthreads() ? Math.ceil(cores / 2) : cores;
  return Math.max(1, Math.min(MOST_USEFUL, physical, Math.floor(cpuQuota(files))));
}

function hasHyperthreads(): boolean {
  if (process.platform !== 'linux') return process.arch === 'x64';
  try {
    return readFileSync('/sys/devices/system/cpu/smt/active', 'utf8').trim() === '1';
  } catch {
    return false;
  }
}
