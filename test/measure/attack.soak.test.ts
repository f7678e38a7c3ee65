import { describe, expect, it } from 'vitest';
import { runProgram, type Ran } from '../helpers.js';

function attack(...args: readonly string[]): Promise<Ran> {
  return runProgram(process.execPath, ['--import', 'tsx', 'measure/attack/main.ts', ...args]);
}

describe('a small share of the attacks', () => {
  it('sees the faults that it makes itself', async () => {
    const { code, stdout, stderr } = await attack('--only', 'detectors', '--scale', '0.1');
    expect(stdout).toContain('all 9 told apart');
    expect(code, stderr).toBe(0);
  });

  it('holds: messages', async () => {
    const { code, stdout, stderr } = await attack('--only', 'protocol', '--scale', '0.002');
    expect(stdout).toContain('| yes |');
    expect(code, stdout + stderr).toBe(0);
  });

  it('names a section that there is not', async () => {
    const { code, stderr } = await attack('--only', 'spells');
    expect(stderr).toContain('--only spells: expected of detectors, protocol');
    expect(code).toBe(1);
  });
});
