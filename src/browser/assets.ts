/** Where the files that the page loads lie; absolute, or relative to the page. */
export interface AssetUrls {
  /** The worker's program. */
  readonly worker: string;
  /** The core, with 128-bit vectors that multiply and add at once ("relaxed SIMD"). */
  readonly wasmRelaxed: string;
  /** The core, with 128-bit vectors. */
  readonly wasm: string;
  /** The core for browsers without them. */
  readonly wasmScalar: string;
  /** The bundled network's weights, its cohort and its readout of overlaps. */
  readonly model: string;
  readonly cohort: string;
  readonly overlap: string;
  /** The bundled segmentation network's weights. */
  readonly segmentation: string;
}

/**
 * Where a bundler that knows `new URL(..., import.meta.url)` (Vite, webpack) puts them, and where they lie in the package: each is
 * written out, for that is what it looks for. The worker is in `worker-link.ts`, for the same reason.
 */
export function bundledAssets(): Omit<AssetUrls, 'worker'> {
  return {
    wasmRelaxed: new URL('./whospeaks-relaxed.wasm', import.meta.url).href,
    wasm: new URL('./whospeaks-simd.wasm', import.meta.url).href,
    wasmScalar: new URL('./whospeaks-scalar.wasm', import.meta.url).href,
    model: new URL('../../models/model.safetensors', import.meta.url).href,
    cohort: new URL('../../models/cohort.safetensors', import.meta.url).href,
    overlap: new URL('../../models/overlap.safetensors', import.meta.url).href,
    segmentation: new URL('../../models/segmentation/model.safetensors', import.meta.url).href,
  };
}

/**
 * All of them in one folder of a server, under these names: for bundlers that leave such URLs alone (esbuild), and pages without
 * one. `docs/browser.md` says which files to copy there.
 *
 * @param folder absolute, or relative to the page
 */
export function assetsIn(folder: string): AssetUrls {
  const base = new URL(folder.endsWith('/') ? folder : `${folder}/`, globalThis.location.href);
  const at = (file: string): string => new URL(file, base).href;
  return {
    worker: at('worker.js'),
    wasmRelaxed: at('whospeaks-relaxed.wasm'),
    wasm: at('whospeaks-simd.wasm'),
    wasmScalar: at('whospeaks-scalar.wasm'),
    model: at('model.safetensors'),
    cohort: at('cohort.safetensors'),
    overlap: at('overlap.safetensors'),
    segmentation: at('segmentation.safetensors'),
  };
}
