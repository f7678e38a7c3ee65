import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const PROGRAM = fileURLToPath(new URL('../kills-child.ts', import.meta.url));

/**
 * Start a writer, let it finish one write, kill it so many ms later, and return what it said: all that it did, and what
 * it was at. Rejects where it ends by itself.
 */
export async function killWriter<Said>(args: readonly string[], afterMs: number): Promise<readonly Said[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  let hasDone = (): void => undefined;
  const done = new Promise<void>((resolve) => (hasDone = resolve));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('"done"')) hasDone();
  });
  const closed = once(child, 'close');
  await Promise.race([done, closed]);
  await sleep(afterMs);
  child.kill('SIGKILL');
  const [code, signal] = (await closed) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself (exit ${code})`);
  return said
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Said);
}
