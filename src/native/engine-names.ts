/**
 * The engines that there are, in order. The addon's own list (core/engines/engine.cpp) is compared with this one when it
 * is loaded.
 */
export const ENGINE_NAMES = ['cpu', 'mlx'] as const;

/** An engine by name. */
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What runs a network: an engine of ours, or onnxruntime. */
export type RunnerName = EngineName | 'onnx';

/** What a user may ask for. */
export const ENGINE_CHOICES = ['auto', ...ENGINE_NAMES, 'onnx'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** In what it computes: see `EngineOptions`. */
export const PRECISION_CHOICES = ['auto', 'fp32', 'fp16', 'bf16', 'int8'] as const;
export type PrecisionChoice = (typeof PRECISION_CHOICES)[number];

/**
 * Batching of each engine. A batch bounds the wait when an engine closes or a thread ends, and all its
 * answers come together; the cpu engine gains nothing beyond a few windows.
 */
export const BATCHING: Readonly<
  Record<RunnerName, { readonly maxBatch: number; readonly maxDelayMs: number }>
> = {
  cpu: { maxBatch: 4, maxDelayMs: 0 },
  mlx: { maxBatch: 16, maxDelayMs: 5 },
  onnx: { maxBatch: 4, maxDelayMs: 0 },
};
