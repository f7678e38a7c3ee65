import { expect, it } from 'vitest';
import { AUDIO, runProgram } from '../helpers.js';

it('the ffmpeg example names the speakers of what ffmpeg decodes', async () => {
  const voices = [`${AUDIO}/alice.wav`, `${AUDIO}/bob.wav`];
  const { code, stdout, stderr } = await runProgram(process.execPath, [
    '--import',
    'tsx',
    'examples/ffmpeg-pipe.ts',
    `${AUDIO}/meeting.wav`,
    ...voices,
  ]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const names = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(': ')[1]);
  expect(names).toEqual(['alice', 'bob', 'alice', 'unknown-1', 'bob', 'alice', 'unknown-1', 'bob']);
});
