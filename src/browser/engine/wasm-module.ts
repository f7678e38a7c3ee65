/** Byte offset in the module's memory; of an object of C++, its handle. 0 is none. */
export type Pointer = number;

/** What the module exports: src/native/wasm/*.cpp. The types of all calls stand here alone. */
export interface WasmCalls {
  _malloc(bytes: number): Pointer;
  _free(pointer: Pointer): void;

  _ws_error_code(): Pointer;
  _ws_error_message(): Pointer;
  _ws_engines(): Pointer;
  _ws_sample_rate_hz(): number;
  _ws_frame_samples(): number;
  _ws_shift_samples(): number;
  _ws_mel_bins(): number;

  _ws_loading_new(name: Pointer): Pointer;
  _ws_loading_size(loading: Pointer, name: Pointer, value: number): void;
  _ws_loading_tensor(loading: Pointer, name: Pointer, shape: Pointer, axes: number): Pointer;
  _ws_loading_free(loading: Pointer): void;

  _ws_engine_new(loading: Pointer, name: Pointer, precision: number): Pointer;
  _ws_engine_input_size(engine: Pointer): number;
  _ws_engine_least_frames(engine: Pointer): number;
  _ws_engine_most_frames(engine: Pointer): number;
  _ws_engine_outputs(engine: Pointer): number;
  _ws_engine_output_name(engine: Pointer, index: number): Pointer;
  _ws_engine_device(engine: Pointer): Pointer;
  _ws_engine_input(engine: Pointer, batch: number, frames: number): Pointer;
  _ws_engine_run(engine: Pointer, batch: number, frames: number): number;
  _ws_engine_output(engine: Pointer, index: number): Pointer;
  _ws_engine_output_length(engine: Pointer, index: number): number;
  _ws_engine_free(engine: Pointer): void;

  _ws_pooling_new(loading: Pointer): Pointer;
  _ws_pooling_column_size(pooling: Pointer): number;
  _ws_pooling_dimension(pooling: Pointer): number;
  _ws_pooling_columns(pooling: Pointer, width: number, count: number): Pointer;
  _ws_pooling_masks(pooling: Pointer): Pointer;
  _ws_pooling_run(pooling: Pointer, width: number, count: number): Pointer;
  _ws_pooling_free(pooling: Pointer): void;

  _ws_log_mel_new(): Pointer;
  _ws_log_mel_compute(logMel: Pointer, frames: Pointer, count: number, features: Pointer): void;
  _ws_log_mel_free(logMel: Pointer): void;
  _ws_gate_new(weights: Pointer): Pointer;
  _ws_gate_score(gate: Pointer, features: Pointer, count: number, scores: Pointer): void;
  _ws_gate_reset(gate: Pointer): void;
  _ws_gate_state(gate: Pointer): Pointer;
  _ws_gate_free(gate: Pointer): void;
  _ws_matrix_new(values: Pointer, rows: number, columns: number): Pointer;
  _ws_matrix_times(matrix: Pointer, vector: Pointer, out: Pointer): void;
  _ws_matrix_free(matrix: Pointer): void;

  _ws_index_new(dimension: number): Pointer;
  _ws_index_add(index: Pointer, vectors: Pointer, count: number): number;
  _ws_index_remove(index: Pointer, slot: number): void;
  _ws_index_search(index: Pointer, query: Pointer, count: number, rescored: number): number;
  _ws_index_slots(index: Pointer): Pointer;
  _ws_index_scores(index: Pointer): Pointer;
  _ws_index_size(index: Pointer): number;
  _ws_index_bytes(index: Pointer): number;
  _ws_index_free(index: Pointer): void;
}

/** A running module. The views are made anew when its memory grows: read them after the call, never before. */
export interface WasmModule extends WasmCalls {
  readonly HEAPU8: Uint8Array;
  readonly HEAP32: Int32Array;
  readonly HEAPU32: Uint32Array;
  readonly HEAPF32: Float32Array;
  readonly HEAPF64: Float64Array;
}

/** Emscripten's loader of the core. */
export type CreateCore = (options: {
  /** The module is compiled already: makes an instance with these imports and hands it over. */
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    started: (instance: WebAssembly.Instance) => void,
  ) => object;
}) => Promise<WasmModule>;
