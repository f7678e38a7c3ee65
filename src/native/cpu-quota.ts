import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** Files of the kernel, below another root for tests. */
export interface QuotaFiles {
  /** Default `/`. */
  readonly root?: string;
}

/** Cores that this process may use: those that it may run on, or what its container's CPU quota leaves of them; 1.5 is one and a half. */
export function usableCores(files?: QuotaFiles): number {
  return Math.min(availableParallelism(), cpuQuota(files));
}

/**
 * The CPU quota of this process's control group and of those above it, in cores; infinite where there is none. Of cgroup
 * v2 `cpu.max`, of v1 `cpu.cfs_quota_us` (kernel documentation, admin-guide/cgroup-v2, scheduler/sched-bwc).
 */
export function cpuQuota({ root = '/' }: QuotaFiles = {}): number {
  const quotas = (read(join(root, 'proc/self/cgroup')) ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    if (controllers === '') return above(path).map((group) => quotaV2(join(root, 'sys/fs/cgroup', group)));
    if (!controllers.split(',').includes('cpu')) return [];
    return ['cpu', 'cpu,cpuacct'].flatMap((mount) =>
      above(path).map((group) => quotaV1(join(root, 'sys/fs/cgroup', mount, group))),
    );
  });
  return Math.min(Infinity, ...quotas);
}

/** A group and all above it, whose quotas hold for it too. In a container its own group may be mounted as the root. */
function above(path: string): string[] {
  const all = [path];
  for (let at = path; at !== '/' && at !== '.'; at = dirname(at)) all.push(dirname(at));
  return all;
}

/** `150000 100000`: so many microseconds of CPU time in each period; or `max`. */
function quotaV2(folder: string): number {
  const [quota, period] = (read(join(folder, 'cpu.max')) ?? '').trim().split(/\s+/).map(Number);
  return cores(quota, period);
}

/** -1: none. */
function quotaV1(folder: string): number {
  const number = (name: string): number => Number(read(join(folder, name)) ?? NaN);
  return cores(number('cpu.cfs_quota_us'), number('cpu.cfs_period_us'));
}

function cores(quota = NaN, period = NaN): number {
  return quota > 0 && period > 0 ? quota / period : Infinity;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
