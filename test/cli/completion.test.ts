import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bashCompletion } from '../../src/cli/completion/bash.js';
import { completedCommands } from '../../src/cli/completion/commands.js';
import { whospeaksProgram } from '../../src/cli/program.js';

const COMMANDS = completedCommands(await whospeaksProgram());

/** What bash would offer for the last word of each line. */
function offered(lines: readonly string[]): string[][] {
  const asked = lines.map((line) => {
    const words = line.split(' ').map((word) => `'${word}'`);
    return `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _whospeaks; echo "\${COMPREPLY[*]}"`;
  });
  const script = `${bashCompletion(COMMANDS)}\n${asked.join('\n')}\n`;
  const output = execFileSync('bash', ['--norc'], { input: script, encoding: 'utf8' });
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

describe('completion in bash', () => {
  it('offers commands, options and choices, and leaves files to bash', () => {
    const [commands, some, options, choices, file, value, nested, nestedOptions] = offered([
      'whospeaks ',
      'whospeaks mo',
      'whospeaks listen --en',
      'whospeaks listen --engine ',
      'whospeaks listen meet',
      'whospeaks listen --enroll al',
      'whospeaks speakers ren',
      'whospeaks speakers add alice --m',
    ]);
    expect(commands).toEqual(COMMANDS[0]!.commands.map(({ name }) => name));
    expect(some).toEqual(['model']);
    expect(options).toEqual(['--enroll', '--encoding', '--engine']);
    expect(choices).toEqual(['auto', 'cpu', 'mlx', 'onnx']);
    expect([file, value]).toEqual([[], []]);
    expect(nested).toEqual(['rename']);
    expect(nestedOptions).toEqual(['--mic', '--model']);
  });
});
