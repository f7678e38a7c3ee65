import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-codes.js';
import { ERROR_CODES, type ErrorCode } from '../../src/errors.js';

/** Rows of docs/errors.md: an exit code, and the error codes that end with it. */
const documented = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, exit, codes] = /^\| (\d+) \| ((?:`[a-z-]+`(?:, )?)+) \|/.exec(line) ?? [];
    return [...(codes?.matchAll(/`([a-z-]+)`/g) ?? [])].map(
      ([, code]) => [code as ErrorCode, Number(exit)] as const,
    );
  });

test('every error code is documented, with the exit code that the command line gives it', () => {
  expect(documented.map(([code]) => code).sort()).toEqual([...ERROR_CODES].sort());
  // Warnings end nothing.
  const errors = documented.filter(([, exit]) => exit !== 0);
  expect(errors.map(([code]) => [code, exitCodeOf(code)])).toEqual(errors);
});
