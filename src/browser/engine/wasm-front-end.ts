import { WhospeaksError } from '../../errors.js';
import type { GateWeights } from '../../fbank/gate-weights.js';
import type { NativeGateNetwork, NativeLogMel, NativeMatrix, NativeVectorIndex } from '../../native/addon.js';
import { FRAME_SAMPLES, MEL_BINS } from '../../stream/geometry.js';
import { allocate, expectPointer, floatsAt, lastError, type Scratch } from './wasm-memory.js';
import type { Pointer, WasmModule } from './wasm-module.js';

/** Memory of the module behind objects that nothing closes: freed when they are no longer reached. */
export type Freed = FinalizationRegistry<() => void>;

/** Room of calls that keep nothing, shared by all: none is in flight while another runs. */
export interface Room {
  readonly input: Scratch;
  readonly output: Scratch;
}

export class WasmLogMel implements NativeLogMel {
  readonly #pointer: Pointer;

  constructor(
    private readonly module: WasmModule,
    private readonly room: Room,
    freed: Freed,
  ) {
    const pointer = expectPointer(module, module._ws_log_mel_new());
    this.#pointer = pointer;
    freed.register(this, () => {
      module._ws_log_mel_free(pointer);
    });
  }

  compute(frames: Float32Array, count: number, features: Float32Array): void {
    const { module, room } = this;
    const to = room.output.room(count * MEL_BINS * 4);
    const from = room.input.floats(frames.subarray(0, count * FRAME_SAMPLES));
    module._ws_log_mel_compute(this.#pointer, from, count, to);
    features.set(module.HEAPF32.subarray(to / 4, to / 4 + count * MEL_BINS));
  }
}

export class WasmGateNetwork implements NativeGateNetwork {
  readonly #pointer: Pointer;

  constructor(
    private readonly module: WasmModule,
    private readonly room: Room,
    weights: GateWeights,
    freed: Freed,
  ) {
    const { project, projectBias, fromInput, fromInputBias, fromState, fromStateBias, out, outBias } =
      weights;
    const parts = [project, projectBias, fromInput, fromInputBias, fromState, fromStateBias, out];
    const all = Float64Array.from([...parts.flatMap((part) => [...part]), outBias]);
    const from = allocate(module, all.byteLength);
    try {
      module.HEAPF64.set(all, from / 8);
      const pointer = expectPointer(module, module._ws_gate_new(from));
      this.#pointer = pointer;
      freed.register(this, () => {
        module._ws_gate_free(pointer);
      });
    } finally {
      module._free(from);
    }
  }

  score(features: Float32Array, scores: Float64Array): void {
    const { module, room } = this;
    const count = scores.length;
    const to = room.output.room(count * 8);
    const from = room.input.floats(features.subarray(0, count * MEL_BINS));
    module._ws_gate_score(this.#pointer, from, count, to);
    scores.set(module.HEAPF64.subarray(to / 8, to / 8 + count));
  }

  reset(): void {
    this.module._ws_gate_reset(this.#pointer);
  }

  readState(state: Float64Array): void {
    const from = this.module._ws_gate_state(this.#pointer) / 8;
    state.set(this.module.HEAPF64.subarray(from, from + state.length));
  }

  writeState(state: Float64Array): void {
    this.module.HEAPF64.set(state, this.module._ws_gate_state(this.#pointer) / 8);
  }
}

export class WasmMatrix implements NativeMatrix {
  readonly #pointer: Pointer;
  readonly #rows: number;
  readonly #columns: number;

  constructor(
    private readonly module: WasmModule,
    private readonly room: Room,
    values: Float32Array,
    rows: number,
    freed: Freed,
  ) {
    this.#rows = rows;
    this.#columns = values.length / rows;
    if (rows < 1 || !Number.isInteger(this.#columns) || this.#columns === 0) {
      throw new WhospeaksError(
        'engine-failed',
        `createMatrix: ${values.length} numbers are not ${rows} rows`,
      );
    }
    const from = room.input.floats(values);
    const pointer = expectPointer(module, module._ws_matrix_new(from, rows, this.#columns));
    this.#pointer = pointer;
    freed.register(this, () => {
      module._ws_matrix_free(pointer);
    });
  }

  times(vector: Float32Array, out: Float64Array): void {
    const { module, room } = this;
    if (vector.length !== this.#columns || out.length !== this.#rows) {
      throw new WhospeaksError(
        'model-mismatch',
        `times: expected ${this.#columns} numbers in, ${this.#rows} out`,
      );
    }
    const to = room.output.room(this.#rows * 8);
    module._ws_matrix_times(this.#pointer, room.input.floats(vector), to);
    out.set(module.HEAPF64.subarray(to / 8, to / 8 + this.#rows));
  }
}

export class WasmVectorIndex implements NativeVectorIndex {
  readonly #pointer: Pointer;

  constructor(
    private readonly module: WasmModule,
    private readonly room: Room,
    private readonly dimension: number,
    freed: Freed,
  ) {
    const pointer = expectPointer(module, module._ws_index_new(dimension));
    this.#pointer = pointer;
    freed.register(this, () => {
      module._ws_index_free(pointer);
    });
  }

  add(vectors: Float32Array): void {
    const count = vectors.length / this.dimension;
    if (!Number.isInteger(count)) {
      throw new WhospeaksError('model-mismatch', `add: expected count x ${this.dimension} numbers`);
    }
    if (this.module._ws_index_add(this.#pointer, this.room.input.floats(vectors), count) === 0) {
      throw lastError(this.module);
    }
  }

  remove(slot: number): void {
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.size()) {
      throw new WhospeaksError('engine-failed', `remove: there is no slot ${slot}`);
    }
    this.module._ws_index_remove(this.#pointer, slot);
  }

  search(query: Float32Array, count: number, rescored: number): { slots: Uint32Array; scores: Float32Array } {
    const { module } = this;
    if (query.length !== this.dimension) {
      throw new WhospeaksError('model-mismatch', `search: expected ${this.dimension} numbers`);
    }
    const found = module._ws_index_search(this.#pointer, this.room.input.floats(query), count, rescored);
    if (found < 0) throw lastError(module);
    const slots = module._ws_index_slots(this.#pointer) / 4;
    return {
      slots: module.HEAPU32.slice(slots, slots + found),
      scores: floatsAt(module, module._ws_index_scores(this.#pointer), found),
    };
  }

  size(): number {
    return this.module._ws_index_size(this.#pointer);
  }

  bytes(): number {
    return this.module._ws_index_bytes(this.#pointer);
  }
}
