import { WhospeaksError, ERROR_CODES, type ErrorCode } from '../errors.js';
import type { GateWeights } from '../fbank/gate-weights.js';

/** What activations and weights of the convolutions are held in. */
export type Precision = 'fp32' | 'fp16' | 'bf16' | 'int8';

/** A canonical tensor on its way into the addon, which copies it. */
export interface NativeTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a network takes and gives. */
export interface NativeNetworkInfo {
  /** Numbers in one frame of the input. */
  readonly inputSize: number;
  readonly minFrames: number;
  readonly maxFrames: number;
  readonly outputs: readonly string[];
}

/** A network's outputs by name, each of one or of several windows, row-major. */
export type NetworkOutputs = Readonly<Record<string, Float32Array>>;

/** One network in an engine, with its weights. One `run` at a time. */
export interface NativeEngine {
  /** input: batch x frames x inputSize; each output: batch x its size, as the network gives it. */
  run(input: Float32Array, batch: number, frames: number): Promise<NetworkOutputs>;
  /** Stops work in flight at its next layer; its promise is rejected with `engine-closed`. */
  close(): void;
  network(): NativeNetworkInfo;
  device(): string;
}

export interface NativeEngineInfo {
  readonly name: string;
  /** What it would compute on; empty where it cannot be had. */
  readonly device: string;
  /** One line that says why it cannot be had; empty where it can. */
  readonly reason: string;
  /** Of the library that computes; empty where it is our own code. */
  readonly version: string;
  /** It computes on a GPU. */
  readonly accelerated: boolean;
}

/** Unit vectors, searched by cosine; see vector_index.h. Slots are 0 to size - 1. */
export interface NativeVectorIndex {
  /** count x dimension, row-major; copied. */
  add(vectors: Float32Array): void;
  /** The last vector takes the slot of the one that goes. */
  remove(slot: number): void;
  /** `rescored` 0: as many candidates as the size asks for. */
  search(query: Float32Array, count: number, rescored: number): { slots: Uint32Array; scores: Float32Array };
  size(): number;
  bytes(): number;
}

/** Log-mel features: see front_end.h. Holds nothing from call to call. */
export interface NativeLogMel {
  /** frames: count x FRAME_SAMPLES, row-major; features: receives count x MEL_BINS. */
  compute(frames: Float32Array, count: number, features: Float32Array): void;
}

/** The speech gate's network: see front_end.h. */
export interface NativeGateNetwork {
  /** features: count x MEL_BINS; scores: receives the log-odds of speech of each of `scores.length` frames. */
  score(features: Float32Array, scores: Float64Array): void;
  reset(): void;
  /** state: receives what the frames so far have left behind, GATE_STATE numbers. */
  readState(state: Float64Array): void;
  /** Go on from such a state. */
  writeState(state: Float64Array): void;
}

/** Vectors as rows, in native code: see matrix.h. */
export interface NativeMatrix {
  /** vector: columns; out: receives rows. */
  times(vector: Float32Array, out: Float64Array): void;
}

/** Feature maps and masks to embeddings: see masked_pooling.h. One `pool` at a time. */
export interface NativeMaskedPooling {
  /** columns: width x rows x channels; masks: count x width; gives count x dimension, not L2-normalised. */
  pool(columns: Float32Array, width: number, masks: Float32Array, count: number): Promise<Float32Array>;
}

/** Which network, and its sizes by name. */
export interface NativeNetwork {
  readonly name: string;
  readonly sizes: Readonly<Record<string, readonly number[]>>;
}

export interface NativeGeometry {
  readonly sampleRateHz: number;
  readonly frameSamples: number;
  readonly shiftSamples: number;
  readonly melBins: number;
}

/** The addon's table of exports. */
export interface NativeAddon {
  readonly engineNames: readonly string[];
  /** What the kernels were compiled for: see stream/geometry.ts. */
  readonly geometry: NativeGeometry;
  engines(): NativeEngineInfo[];
  createEngine(
    name: string,
    network: NativeNetwork,
    tensors: readonly NativeTensor[],
    threads: number,
    precision: Precision,
  ): Promise<NativeEngine>;
  createGateNetwork(weights: GateWeights): NativeGateNetwork;
  createLogMel(): NativeLogMel;
  /** network: a ResNet; tensors: those from its pooling on; copied. */
  createMaskedPooling(network: NativeNetwork, tensors: readonly NativeTensor[]): NativeMaskedPooling;
  /** values: rows x columns, row-major; copied. */
  createMatrix(values: Float32Array, rows: number): NativeMatrix;
  createVectorIndex(dimension: number): NativeVectorIndex;
}

/** The addon's errors carry a stable code; anything else is `engine-failed`. */
export function fromNativeError(error: unknown): WhospeaksError {
  if (error instanceof WhospeaksError) return error;
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const known = ERROR_CODES.find((candidate): candidate is ErrorCode => candidate === code);
  const message = error instanceof Error ? error.message : String(error);
  return new WhospeaksError(known ?? 'engine-failed', message, { cause: error });
}
