import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listEngines } from '../../src/native/index.js';
import { builtProgram } from '../built-program.js';
import { runProgram, type Ran } from '../helpers.js';

/** V8's young heap, which takes and gives back tens of megabytes as it likes, is kept small: memory is measured. */
const NODE_FLAGS = ['--expose-gc', '--max-semi-space-size=1'];
const run = async (file: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  runProgram(process.execPath, [...NODE_FLAGS, await builtProgram(`test/native/${file}`), ...args], { env });

const teardown = (mode: string): Promise<Ran> =>
  run('teardown-main.ts', [mode], { WHOSPEAKS_TEST_ENGINE: 'mlx' });

describe('a process with the mlx engine', () => {
  it('serves several worker threads at once', async () => {
    expect(await teardown('workers')).toEqual({ code: 0, stdout: 'same\n'.repeat(3), stderr: '' });
  });

  it('lets a thread be terminated with work in flight, and goes on in the others', async () => {
    expect(await teardown('terminate')).toEqual({ code: 0, stdout: 'same\n'.repeat(2), stderr: '' });
  });

  it('exits cleanly with work in flight', async () => {
    expect(await teardown('exit')).toEqual({ code: 7, stdout: '', stderr: '' });
  });

  it('is not kept alive by it', async () => {
    expect(await teardown('leave')).toEqual({ code: 0, stdout: 'same\n', stderr: '' });
  });

  it('keeps its memory flat over 10,000 chunks and a hundred engines', async () => {
    const { code, stdout, stderr } = await run('mlx-memory-main.ts');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    console.log(stdout.trim());
    const { chunks, engines, chunksGrowthMb, enginesGrowthMb } = JSON.parse(stdout) as Record<string, number>;
    expect(chunks).toBe(10_000);
    expect(engines).toBe(100);
    expect(chunksGrowthMb).toBeLessThan(16);
    expect(enginesGrowthMb).toBeLessThan(16);
  });

  // On a processor MLX has its kernels compiled by the system's g++, and keeps them under the temporary folder.
  it.each([
    ['no compiler', undefined, false],
    ['a compiler that fails', '#!/bin/sh\n[ "$1" = --version ]\n', true],
  ])('computes with %s too', async (_, script, tellsSo) => {
    const mlx = listEngines().find(({ name }) => name === 'mlx')!;
    const folder = mkdtempSync(join(tmpdir(), 'whospeaks-mlx-'));
    if (script !== undefined) writeFileSync(join(folder, 'g++'), script, { mode: 0o755 });
    const { code, stdout, stderr } = await run('mlx-device-main.ts', [], { PATH: folder, TMPDIR: folder });
    rmSync(folder, { recursive: true, force: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('same\n');
    expect(stdout.includes('not compiled')).toBe(tellsSo && !mlx.accelerated);
  });
});
