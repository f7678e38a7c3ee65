import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { WhospeaksError } from '../errors.js';
import { assertUnbundled } from '../package-file.js';
import { FRAME_SAMPLES, MEL_BINS, SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../stream/geometry.js';
import type { NativeAddon, NativeGeometry } from './addon.js';
import { ENGINE_NAMES } from './engine-names.js';
import { prebuiltName, requirePrebuilt } from './prebuilt.js';

/** The same relative paths hold from src/native and from dist/native. Only a git clone has the second file. */
const BUILT = '../../build/whospeaks.node';
const SOURCE = '../../CMakeLists.txt';
type FunctionName = Exclude<keyof NativeAddon, 'engineNames' | 'geometry'>;
/** All of them: the compiler misses one that is not here. */
const FUNCTIONS: Record<FunctionName, true> = {
  engines: true,
  createEngine: true,
  createGateNetwork: true,
  createLogMel: true,
  createMaskedPooling: true,
  createMatrix: true,
  createVectorIndex: true,
};
const GEOMETRY: NativeGeometry = {
  sampleRateHz: SAMPLE_RATE_HZ,
  frameSamples: FRAME_SAMPLES,
  shiftSamples: SHIFT_SAMPLES,
  melBins: MEL_BINS,
};
let loaded: NativeAddon | undefined;

/**
 * The addon, loaded once a thread: the one built here, else the prebuilt one of this platform.
 * Throws `addon-missing` with the loader's own error as its cause.
 */
export function loadAddon(): NativeAddon {
  return (loaded ??= load());
}

function load(): NativeAddon {
  assertUnbundled(import.meta.url, 'native/load-addon');
  const require = createRequire(import.meta.url);
  const built = isThere(BUILT);
  try {
    const addon: unknown = built ? require(BUILT) : requirePrebuilt(require);
    if (addon !== undefined) return complete(addon as Partial<NativeAddon>);
  } catch (cause) {
    throw new WhospeaksError('addon-missing', explain(built, cause), { cause });
  }
  throw new WhospeaksError(
    'addon-missing',
    isThere(SOURCE)
      ? 'the native addon is not built; build it with: npm run build:native'
      : `whospeaks has no addon for ${process.platform}-${process.arch}; build it from a git clone`,
  );
}

/** The addon, if it has all that this version of the package calls, and was built for the same numbers and names. */
export function complete(addon: Partial<NativeAddon>): NativeAddon {
  const missing = Object.keys(FUNCTIONS).filter((name) => typeof addon[name as FunctionName] !== 'function');
  if (missing.length > 0) throw new Error(`it is of another version, without ${missing.join(' and ')}`);
  expectSame('geometry', addon.geometry, GEOMETRY);
  expectSame('engineNames', addon.engineNames, ENGINE_NAMES);
  return addon as NativeAddon;
}

function expectSame(what: string, own: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(own, wanted)) return;
  throw new Error(
    `it is of another version, built for ${what} ${JSON.stringify(own)}, not ${JSON.stringify(wanted)}`,
  );
}

function explain(built: boolean, cause: unknown): string {
  const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0]!;
  if (built) return `build/whospeaks.node does not load: ${reason}; build it again: npm run build:native`;
  if (!isMissing(cause)) return `${prebuiltName()} does not load: ${reason}; install whospeaks again`;
  return isThere(SOURCE)
    ? 'the native addon is not built; build it with: npm run build:native'
    : `${prebuiltName()} is missing, npm left out optional dependencies; add it with: npm install ${prebuiltName()}`;
}

function isThere(path: string): boolean {
  return existsSync(fileURLToPath(new URL(path, import.meta.url)));
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND';
}
