import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const AUDIO = `${ROOT}examples/audio`;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: Buffer;
  /** Leave stdin open, for `onStart` to write to. */
  readonly keepStdin?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Default: the repository root. */
  readonly cwd?: string;
  readonly onStart?: (child: ChildProcess) => void;
}

/** Run a program to its end. */
export function runProgram(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, NO_COLOR: '1', ...options.env },
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    // A program that refuses its arguments closes stdin before we have written all.
    child.stdin.on('error', () => undefined);
    if (!options.keepStdin) child.stdin.end(options.stdin);
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, ...output });
    });
    options.onStart?.(child);
  });
}

/** Speakers and models of a user who has none yet: what tests save is nobody's own. */
export const HOME = mkdtempSync(join(tmpdir(), 'whospeaks-home-'));

/** Run the built CLI. */
export function whospeaks(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return runProgram(process.execPath, ['dist/cli/main.js', ...args], {
    ...options,
    env: { WHOSPEAKS_HOME: HOME, ...options.env },
  });
}
