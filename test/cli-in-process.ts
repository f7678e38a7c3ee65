import { vi } from 'vitest';
import { whospeaksProgram } from '../src/cli/program.js';
import { run } from '../src/cli/run.js';
import { HOME, type Ran } from './helpers.js';

/** Runs share the process's streams and exit code, so each waits for the one before. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Run the command line here, from the sources: what it prints, and the code with which it would exit. Starting a program
 * takes longer than most commands; what a process alone shows (signals, pipes, the build) is tested with `whospeaks`.
 */
export function runHere(
  args: readonly string[],
  { env = {} }: { env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const ran = last.then(() => captured(args, { WHOSPEAKS_HOME: HOME, ...env }));
  last = ran.catch(() => undefined);
  return ran;
}

async function captured(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const codeBefore = process.exitCode;
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  const out = capture(process.stdout);
  const err = capture(process.stderr);
  Object.assign(process.env, env);
  process.exitCode = undefined;
  try {
    await run(await whospeaksProgram({ asked: args }), ['node', 'whospeaks', ...args]);
    return { code: exitCode(), stdout: out.text(), stderr: err.text() };
  } finally {
    out.restore();
    err.restore();
    process.exitCode = codeBefore;
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

/** For the exit code that a command sets: between two statements the compiler sees no change of it. */
const exitCode = (): number => Number(process.exitCode ?? 0);

function capture(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const listeners = new Set(stream.listeners('error'));
  const parts: string[] = [];
  const write = vi.spyOn(stream, 'write').mockImplementation((part, ...rest: unknown[]) => {
    parts.push(typeof part === 'string' ? part : Buffer.from(part).toString());
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  });
  return {
    text: () => parts.join(''),
    restore: () => {
      write.mockRestore();
      for (const listener of stream.listeners('error')) {
        if (!listeners.has(listener)) stream.removeListener('error', listener as () => void);
      }
    },
  };
}
