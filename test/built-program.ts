import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { builtFrom, ROOT } from './setup/built-sources.js';

const FOLDER = join(ROOT, 'build-test');
const programs = new Map<string, Promise<string>>();

/**
 * A program of the repository, compiled: it starts in a third of the time that tsx takes, and with `whospeaks` as it is
 * built. Made once by each process of tests.
 *
 * @param source from the repository's root
 * @returns where it is compiled
 */
export function builtProgram(source: string): Promise<string> {
  const program = programs.get(source) ?? compile(source);
  programs.set(source, program);
  return program;
}

async function compile(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, source)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    tsconfigRaw: {},
    plugins: [
      {
        name: 'built-sources',
        setup: (plugin) => {
          plugin.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
            const built = builtFrom(resolve(resolveDir, path));
            return built === undefined ? null : { path: built, external: true };
          });
        },
      },
    ],
  });
  const file = join(FOLDER, source.replaceAll('/', '-').replace(/\.ts$/, '.mjs'));
  mkdirSync(FOLDER, { recursive: true });
  // Another process of tests may run it now: it is there whole, before and after.
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, outputFiles[0]!.contents);
  renameSync(whole, file);
  return file;
}
