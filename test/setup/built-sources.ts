import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Plugin } from 'vitest/config';

export const ROOT = resolve(import.meta.dirname, '../..');
const SOURCES = join(ROOT, 'src/');
const BUILT = join(ROOT, 'dist/');

/** Compiled again before a run where a source is newer than what was compiled last: tests never run what is no more. */
export function setup(): void {
  const info = join(BUILT, '.tsbuildinfo');
  const compiledAt = existsSync(info) ? statSync(info).mtimeMs : 0;
  const isNewer = readdirSync(SOURCES, { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).mtimeMs > compiledAt,
  );
  if (!isNewer) return;
  execFileSync('npm', ['run', '--silent', 'build:ts'], { cwd: ROOT, stdio: 'inherit' });
  // Where nothing but times has changed, the compiler leaves it as it is.
  utimesSync(info, new Date(), new Date());
}

/** What was compiled from a source, where it is compiled. */
export function builtFrom(source: string): string | undefined {
  if (!source.startsWith(SOURCES)) return undefined;
  const built = join(BUILT, source.slice(SOURCES.length)).replace(/\.ts$/, '.js');
  return existsSync(built) ? built : undefined;
}

/**
 * Tests import `src`, and get what was compiled from it: it needs no transformation for each worker and runs as it does
 * for users, also in the processes that it starts. What is not compiled, the page, stays a source.
 */
export function builtSources(): Plugin {
  return {
    name: 'built-sources',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!source.startsWith('.') || importer === undefined) return null;
      const built = builtFrom(resolve(dirname(importer), source));
      return built === undefined ? null : { id: built, external: true };
    },
  };
}
