declare module '@echogarden/fvad-wasm' {
  interface FvadModule {
    HEAP16: Int16Array;
    _malloc(bytes: number): number;
    _fvad_new(): number;
    _fvad_free(vad: number): void;
    _fvad_set_mode(vad: number, mode: number): number;
    _fvad_set_sample_rate(vad: number, hz: number): number;
    _fvad_process(vad: number, samples: number, count: number): number;
  }
  export default function load(): Promise<FvadModule>;
}

declare module '@jitsi/rnnoise-wasm/dist/rnnoise-sync.js' {
  interface RnnoiseModule {
    HEAPF32: Float32Array;
    _malloc(bytes: number): number;
    _rnnoise_create(): number;
    _rnnoise_destroy(state: number): void;
    _rnnoise_process_frame(state: number, output: number, input: number): number;
  }
  export default function load(): RnnoiseModule & { ready: Promise<unknown> };
}
