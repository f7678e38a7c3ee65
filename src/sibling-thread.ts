import { Worker } from 'node:worker_threads';
import { assertUnbundled } from './package-file.js';

/**
 * Start a program of the package's in a thread of its own: see `startSibling`.
 *
 * @param moduleUrl `import.meta.url` of the module that starts it
 * @param from path in the package of that module, without its ending
 * @param program name of a module beside that one, without its ending
 * @throws WhospeaksError `addon-missing` where that module is in a bundle
 */
export function startThread(moduleUrl: string, from: string, program: string, workerData: unknown): Worker {
  assertUnbundled(moduleUrl, from);
  return new Worker(entryOf(moduleUrl, program), { workerData });
}

/** @param loader by a name that a bundler does not know: it would look for what an installed package has no need of. */
function entryOf(moduleUrl: string, program: string, loader = 'tsx/esm/api'): URL {
  if (!moduleUrl.endsWith('.ts')) return new URL(`./${program}.js`, moduleUrl);
  // Run from the TypeScript sources (tests, examples): a thread has no loader for them unless it registers one.
  const tsx = JSON.stringify(import.meta.resolve(loader));
  const entry = JSON.stringify(new URL(`./${program}.ts`, moduleUrl).href);
  const code = `import { register } from ${tsx}; register(); await import(${entry});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
