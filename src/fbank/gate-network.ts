/**
 * What scores frames for `NeuralGate`: a projection 80 -> 32, a recurrent layer of 64 gated units (GRU, Cho et al. 2014,
 * in PyTorch's form) and one output. `nativeFrontEnd` has it.
 */
export interface GateNetwork {
  /** Log-odds of speech in each of `count` frames of MEL_BINS features; advances the state. */
  scores(features: Float32Array, count: number): Float64Array;
  /** Clear the state. */
  reset(): void;
  /** The state, as numbers that `load` of another one takes. */
  save(): Float64Array;
  load(state: Float64Array): void;
}
