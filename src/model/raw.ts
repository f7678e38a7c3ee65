/**
 * A tensor as a file holds it: the shape is known and has been checked against the bytes that are there,
 * the values are decoded only when asked for.
 */
export interface RawTensor {
  readonly shape: readonly number[];
  /** Row-major values. Float64 only where the file holds float64. */
  readonly read: () => Float32Array | Float64Array;
  /** Whether it holds floating-point numbers; of ONNX constants alone. */
  readonly isFloat?: boolean | undefined;
  /** Row-major values of a tensor of 8-bit integers; absent where the file holds others. */
  readonly readBytes?: (() => Int8Array | Uint8Array) | undefined;
}

/** What a reader hands on: tensors under the file's own names, and what the file says about itself. */
export interface RawModel {
  readonly tensors: ReadonlyMap<string, RawTensor>;
  /** The file's own metadata, still unchecked. */
  readonly metadata?: unknown;
}

/** A file in memory and the name that messages give it. */
export interface ModelSource {
  readonly bytes: Uint8Array;
  readonly label: string;
}
