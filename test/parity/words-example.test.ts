import { describe, expect, it } from 'vitest';
import { builtProgram } from '../built-program.js';
import { AUDIO, ROOT, runProgram } from '../helpers.js';

describe('examples/words', () => {
  it('prints what a real recogniser hears under names', async () => {
    const args = [`${AUDIO}/meeting.wav`, `${AUDIO}/alice.wav`, `${AUDIO}/bob.wav`];
    const ran = await runProgram(process.execPath, [await builtProgram('examples/words.ts'), ...args], {
      env: { PYTHON: `${ROOT}.venv/bin/python` },
    });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const lines = ran.stdout.trimEnd().split('\n');
    expect(lines.every((line) => /^\d\d:\d\d\.\d {2}(alice|bob|unknown-1): \S+( \S+)*$/.test(line))).toBe(
      true,
    );
    const speakers = lines.map((line) => line.split(/ {2}|: /)[1]);
    const turns = speakers.filter((speaker, i) => speaker !== speakers[i - 1]);
    expect(turns).toEqual(['alice', 'bob', 'alice', 'unknown-1', 'bob', 'alice', 'unknown-1', 'bob']);
  });
});
