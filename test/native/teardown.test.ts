import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { builtProgram } from '../built-program.js';

async function run(mode: string): Promise<{ code: number | null; signal: string | null; output: string }> {
  const program = await builtProgram('test/native/teardown-main.ts');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, mode], (_, stdout, stderr) => {
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
