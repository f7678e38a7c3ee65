import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, runProgram } from '../helpers.js';

const BYTES = 512 * 1024;

/**
 * A disk of memory, in a name space of mounts that ends with the program. Needs a Linux that lets this user mount: root, or user
 * name spaces. Fails elsewhere.
 */
test('a disk that is nearly full loses no voice, however much room there is', async () => {
  const disk = mkdtempSync(join(tmpdir(), 'whospeaks-disk-'));
  const script = `mount -t tmpfs -o size=${BYTES} none "$1" && shift && exec "$@"`;
  const program = [process.execPath, '--import', 'tsx', join(ROOT, 'test/system/full-disk-main.ts')];
  const ran = await runProgram('unshare', [
    process.getuid!() === 0 ? '-m' : '-rm',
    ...['sh', '-c', script, 'sh', disk],
    ...[...program, disk, String(BYTES)],
  ]);
  rmdirSync(disk);
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  const failures = JSON.parse(ran.stdout) as Record<string, number>;
  expect(Object.keys(failures)).toEqual(['add', 'put', 'rename', 'adapt', 'import', 'export', 'tokens']);
  for (const [change, count] of Object.entries(failures)) expect(count, change).toBeGreaterThan(2);
});
