import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cpuQuota, usableCores } from '../../src/native/cpu-quota.js';
import { defaultThreads } from '../../src/native/threads.js';

/** Files of a kernel, by path below its root. */
function kernel(files: Readonly<Record<string, string>>): { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'whospeaks-cgroup-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root };
}

describe('CPU quota', () => {
  it('cgroup v2: the least of the own group and those above it', () => {
    const files = {
      'proc/self/cgroup': '0::/pod/app\n',
      'sys/fs/cgroup/pod/app/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/pod/cpu.max': '150000 100000\n',
    };
    expect(cpuQuota(kernel(files))).toBe(1.5);
    expect(cpuQuota(kernel({ ...files, 'sys/fs/cgroup/pod/app/cpu.max': '50000 100000\n' }))).toBe(0.5);
  });

  it('cgroup v1: quota over period, also where the container sees its own group as the root', () => {
    const ofGroup = (mount: string): Record<string, string> => ({
      'proc/self/cgroup': '5:cpuset:/docker/1\n4:cpu,cpuacct:/docker/1\n',
      [`${mount}/cpu.cfs_quota_us`]: '250000\n',
      [`${mount}/cpu.cfs_period_us`]: '100000\n',
    });
    for (const mount of ['cpu,cpuacct/docker/1', 'cpu/docker/1', 'cpu,cpuacct'])
      expect(cpuQuota(kernel(ofGroup(`sys/fs/cgroup/${mount}`)))).toBe(2.5);
    const none = ofGroup('sys/fs/cgroup/cpu,cpuacct');
    none['sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us'] = '-1\n';
    expect(cpuQuota(kernel(none))).toBe(Infinity);
  });

  it('no control groups, or files that make no sense: none', () => {
    expect(cpuQuota(kernel({}))).toBe(Infinity);
    expect(cpuQuota(kernel({ 'proc/self/cgroup': '0::/\nx', 'sys/fs/cgroup/cpu.max': 'what 0\n' }))).toBe(
      Infinity,
    );
  });

  it('threads and cores follow it', () => {
    const quota = (text: string): { readonly root: string } =>
      kernel({ 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': text });
    expect(defaultThreads(quota('50000 100000'))).toBe(1);
    expect(defaultThreads(quota('190000 100000'))).toBe(1);
    expect(usableCores(quota('50000 100000'))).toBe(0.5);
    expect(defaultThreads(kernel({}))).toBeLessThanOrEqual(Math.min(4, availableParallelism()));
    expect(usableCores(quota('max 100000'))).toBe(availableParallelism());
  });
});
