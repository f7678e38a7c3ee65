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
  const isInPlace = moduleUrl !== undefined && /\.(js|ts)$/.test(moduleUrl);
  if (isInPlace && moduleUrl.slice(0, -3).endsWith(`/${path}`) && !isOfWebpack()) return;
  throw new WhospeaksError(
    'addon-missing',
    'whospeaks was bundled into this program, and the files that it needs were not: mark whospeaks external in the ' +
      'bundler, and ship its package beside the bundle (docs/bundlers.md shows how)',
  );
}

/** webpack gives modules the address that they had where it ran, and sets this. */
function isOfWebpack(): boolean {
  return (import.meta as { readonly webpack?: number }).webpack !== undefined;
}

/** Arguments of Node for a program that is a TypeScript source (tests, examples): no compiled file lies beside it. */
export function sourceArguments(loader = 'tsx'): string[] {
  // By a name that a bundler does not know: it would look for the package, and refuse the program.
  return ['--import', import.meta.resolve(loader)];
}
