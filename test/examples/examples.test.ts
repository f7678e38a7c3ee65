import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtProgram } from '../built-program.js';
import { voicePart } from '../server/voice-part.js';
import { AUDIO, runProgram, type RunOptions } from '../helpers.js';

const example = async (name: string, args: readonly string[], options?: RunOptions) =>
  runProgram(process.execPath, [await builtProgram(`examples/${name}.ts`), ...args], options);
/** Six seconds of each are enough to enrol them. */
const folder = mkdtempSync(join(tmpdir(), 'example-voices-'));
const voices = ['alice', 'bob'].map((name) => {
  const file = join(folder, `${name}.wav`);
  writeFileSync(file, voicePart(name, 6));
  return file;
});
const NAMES = ['alice', 'bob', 'alice', 'unknown-1', 'bob', 'alice', 'unknown-1', 'bob'];
const namesIn = (stdout: string): string[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => line.split(': ')[1]!);

describe('examples', () => {
  it('file', async () => {
    const { code, stdout, stderr } = await example('file', [`${AUDIO}/meeting.wav`, ...voices]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(namesIn(stdout)).toEqual(NAMES);
  });

  it('enrol-and-save, twice: the second time the name is taken', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'speakers-')), 'store');
    const first = await example('enrol-and-save', [folder, 'alice', voices[0]!]);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('the store knows: alice');
    const second = await example('enrol-and-save', [folder, 'alice', voices[0]!]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('speaker-exists');
  });

  it('embeddings', async () => {
    const { code, stdout } = await example('embeddings', [`${AUDIO}/alice.wav`]);
    expect(code).toBe(0);
    // 181285 samples are floor((181285 - 400) / 160) + 1 frames.
    expect(stdout).toContain('1131 frames of 80 log-mel bins');
    expect(stdout).toMatch(/cosine with the window before 0\.[6-9]/);
  });

  it('microphone, where there is none, says what to do', async () => {
    const { code, stderr } = await example('microphone', voices, { env: { ALSA_CONFIG_PATH: '/dev/null' } });
    expect(code).toBe(1);
    expect(stderr).toContain('microphone-unavailable');
  });
});
