import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('teardown-main.ts', import.meta.url));

function run(mode: string): Promise<{ code: number | null; signal: string | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--import', 'tsx', program, mode], (_, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, output: stdout + stderr });
    });
  });
}

describe('the addon', () => {
  it('serves several worker threads at once', async () => {
    expect(await run('workers')).toEqual({ code: 0, signal: null, output: 'same\n'.repeat(3) });
  });

  it('lets a thread be terminated with work in flight, and goes on in the others', async () => {
    expect(await run('terminate')).toEqual({ code: 0, signal: null, output: 'same\n'.repeat(2) });
  });

  it('lets the process exit with work in flight', async () => {
    expect(await run('exit')).toEqual({ code: 7, signal: null, output: '' });
  });

  it('does not keep a process alive', async () => {
    expect(await run('leave')).toEqual({ code: 0, signal: null, output: 'same\n' });
  });
});
