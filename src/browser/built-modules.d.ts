/** What scripts/build-browser.mjs puts in the worker beside the sources. */

/** Emscripten's loaders of the core: `CreateCore`, which an ambient module cannot import. */
declare module 'whospeaks-built:core-simd' {
  const create: unknown;
  export default create;
}
declare module 'whospeaks-built:core-scalar' {
  const create: unknown;
  export default create;
}

/** The resampler's loaders and their modules. */
declare module 'whospeaks-built:speex-simd' {
  import type { SpeexModule } from '../stream/speex.js';
  export default function create(options: { readonly wasmBinary: Uint8Array }): Promise<SpeexModule>;
}
declare module 'whospeaks-built:speex-scalar' {
  export { default } from 'whospeaks-built:speex-simd';
}
declare module 'whospeaks-built:speex-simd.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module 'whospeaks-built:speex-scalar.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}

/** models/config.json, and that of the segmentation network. */
declare module 'whospeaks-built:model.json' {
  const config: unknown;
  export default config;
}
declare module 'whospeaks-built:segmentation.json' {
  const config: unknown;
  export default config;
}
