import createModule from '@echogarden/speex-resampler-wasm/simd';

/** The part of the speex resampler's C interface that is used here; pointers are byte offsets. */
export interface SpeexModule {
  readonly HEAPF32: Float32Array;
  readonly HEAPU32: Uint32Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _speex_resampler_init(
    channels: number,
    inHz: number,
    outHz: number,
    quality: number,
    error: number,
  ): number;
  _speex_resampler_skip_zeros(state: number): number;
  _speex_resampler_get_input_latency(state: number): number;
  _speex_resampler_process_float(
    state: number,
    channel: number,
    input: number,
    inputLength: number,
    output: number,
    outputLength: number,
  ): number;
  _speex_resampler_destroy(state: number): void;
}

let loading: Promise<SpeexModule> | undefined;

/** One module a process; each resampler is a state of its own on its heap, and frees it. */
export function loadSpeex(): Promise<SpeexModule> {
  loading ??= createModule();
  return loading;
}
