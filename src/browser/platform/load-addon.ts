import { WhospeaksError } from '../../errors.js';
import type { NativeAddon } from '../../native/addon.js';
import { wasmAddon } from '../engine/wasm-addon.js';
import { startCore, type CoreUrls } from '../engine/start-core.js';

let loaded: NativeAddon | undefined;

/** The core, which `loadCore` has started. @throws WhospeaksError `addon-missing` before that */
export function loadAddon(): NativeAddon {
  if (loaded !== undefined) return loaded;
  throw new WhospeaksError('addon-missing', 'the core is not loaded yet; load a model first');
}

/**
 * Starts the core that this browser can run. Rejects with `engine-unavailable` (no WebAssembly, or a policy that forbids it) or
 * `addon-missing` (it cannot be fetched).
 */
export async function loadCore(urls: CoreUrls): Promise<void> {
  loaded ??= wasmAddon(await startCore(urls));
}
