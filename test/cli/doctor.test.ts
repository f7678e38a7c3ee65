import { describe, expect, it } from 'vitest';
import type { EngineInfo, SelfTest } from '../../src/stages.js';
import { chooseEngine } from '../../src/native/engine.js';
import { whospeaks } from '../helpers.js';

describe('whospeaks doctor', () => {
  it('compares the engines of this build and recommends one', async () => {
    const { code, stdout, stderr } = await whospeaks(['doctor', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as SelfTest & { version: string; node: string; model: string };
    expect(report.node).toBe(process.version);
    expect(report.engines.map(({ name }) => name)).toEqual(['cpu', 'mlx']);
    for (const { reason, device, cosine, chunkMs } of report.engines) {
      if (reason === '') {
        expect(device).not.toBe('');
        expect(cosine).toBeGreaterThan(0.9999);
        expect(chunkMs).toBeGreaterThan(0);
      } else {
        expect(cosine).toBeUndefined();
      }
    }
    expect(report.agree).toBe(true);
    expect(report.engines.find(({ name }) => name === report.recommended)!.reason).toBe('');
  });

  it('says so in words', async () => {
    const { code, stdout } = await whospeaks(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^whospeaks \d.*\ncpu {3}.* ms for 1\.5 s of speech; cosine with cpu 1\.0000000\nmlx /,
    );
    expect(stdout).toMatch(/\nrecommended here: (cpu|mlx)[^\n]*\n$/);
  });
});

describe('auto', () => {
  const engine = (name: string, changes: Partial<EngineInfo> = {}): EngineInfo => ({
    name,
    device: 'some',
    reason: '',
    version: '',
    accelerated: false,
    ...changes,
  });

  it('takes mlx where it can be had and computes on a GPU, else cpu', () => {
    const cpu = engine('cpu');
    expect(chooseEngine([cpu, engine('mlx', { accelerated: true })])).toBe('mlx');
    expect(chooseEngine([cpu, engine('mlx')])).toBe('cpu');
    expect(chooseEngine([cpu, engine('mlx', { accelerated: true, reason: 'too old' })])).toBe('cpu');
  });
});

describe('--engine', () => {
  it('refuses what is no engine', async () => {
    const { code, stderr } = await whospeaks(['listen', 'a.wav', '--engine', 'tpu']);
    expect(code).toBe(2);
    expect(stderr).toContain('auto, cpu, mlx');
  });
});
