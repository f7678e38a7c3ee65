/** What the benchmark uses of onnxruntime-web, which is installed beside it alone (`npm ci --prefix measure/speed`). */
declare module 'onnxruntime-web/wasm' {
  export const env: { readonly wasm: { numThreads: number; wasmPaths: string } };
  export class Tensor {
    constructor(type: 'float32', data: Float32Array, dims: readonly number[]);
    readonly data: Float32Array;
  }
  export interface Session {
    readonly outputNames: readonly string[];
    run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  }
  export const InferenceSession: {
    create(
      model: Uint8Array,
      options: { readonly executionProviders: readonly string[]; readonly graphOptimizationLevel?: string },
    ): Promise<Session>;
  };
}
