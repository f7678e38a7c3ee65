import { WhospeaksError } from './errors.js';

/**
 * Files lie beside the modules that need them: the addon, the model, the program that decodes. A bundler moves the
 * modules and leaves the files behind.
 *
 * @param moduleUrl `import.meta.url`; undefined in a bundle of CommonJS
 * @param path of the module in the package, without its ending
 * @throws WhospeaksError `addon-missing` where the module is in a bundle
 */
export function assertUnbundled(moduleUrl: string | undefined, path: string): void {
  if (moduleUrl !== undefined && /\.(js|ts)$/.test(moduleUrl) && moduleUrl.slice(0, -3).endsWith(`/${path}`))
    return;
  throw new WhospeaksError(
    'addon-missing',
    'whospeaks was bundled into this program, and the files that it needs were not: mark whospeaks external in the ' +
      'bundler, and ship its package beside the bundle (docs/bundlers.md shows how)',
  );
}
