import createScalar from 'whospeaks-built:core-scalar';
import createSimd from 'whospeaks-built:core-simd';
import { WhospeaksError } from '../../errors.js';
import type { AssetUrls } from '../assets.js';
import { hasRelaxedVectors, hasVectors } from './has-vectors.js';
import type { CreateCore, WasmModule } from './wasm-module.js';

/** Where the three cores lie, of which a browser loads one. */
export type CoreUrls = Pick<AssetUrls, 'wasmRelaxed' | 'wasm' | 'wasmScalar'>;

/** Starts the fastest core that this browser can run. Rejects with `engine-unavailable` or `addon-missing`. */
export async function startCore({ wasmRelaxed, wasm, wasmScalar }: CoreUrls): Promise<WasmModule> {
  if (typeof WebAssembly !== 'object') {
    throw new WhospeaksError('engine-unavailable', 'this browser has no WebAssembly; use a current one');
  }
  const vectors = hasVectors();
  const withVectors = hasRelaxedVectors() ? wasmRelaxed : wasm;
  const compiled = await compile(vectors ? withVectors : wasmScalar);
  let failed: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    failed = reject;
  });
  const create = (vectors ? createSimd : createScalar) as CreateCore;
  const running = create({
    instantiateWasm: (imports, started) => {
      WebAssembly.instantiate(compiled, imports).then(started, failed);
      return {};
    },
  });
  return Promise.race([running, failure]);
}

/** Compiled while it comes, where the server says what it is. */
async function compile(url: string): Promise<WebAssembly.Module> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw missing(url, 'no connection, or a policy that forbids it (connect-src)', cause);
  }
  if (!response.ok) throw missing(url, `status ${response.status}`);
  try {
    const streams = response.headers.get('content-type')?.startsWith('application/wasm') === true;
    return streams
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WhospeaksError(
      'engine-unavailable',
      `${url} cannot be compiled: ${reason}; a Content-Security-Policy needs script-src 'wasm-unsafe-eval'`,
      { cause },
    );
  }
}

function missing(url: string, reason: string, cause?: unknown): WhospeaksError {
  return new WhospeaksError(
    'addon-missing',
    `the core cannot be loaded from ${url}: ${reason}; see "assets" in docs/browser.md`,
    { cause },
  );
}
