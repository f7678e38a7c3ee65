/** What the thread that runs onnxruntime is started with. */
export interface SessionData {
  /** Path of onnxruntime-node's module. */
  readonly runtime: string;
  readonly model: Uint8Array;
  readonly threads: number;
  readonly output: string;
}

export interface Feed {
  readonly type: 'float32' | 'int64';
  readonly data: Float32Array | BigInt64Array;
  readonly dims: readonly number[];
}

/** To the thread: the inputs of one run; null: no more will come. */
export type ToSession = { readonly feeds: Readonly<Record<string, Feed>> } | null;

/** From it: that it is ready, an answer for each run in order, or what went wrong. */
export type FromSession =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly data: Float32Array; readonly dims: readonly number[] }
  | { readonly type: 'failure'; readonly message: string };
