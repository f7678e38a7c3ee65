import { WhospeaksError } from '../../errors.js';
import type {
  NativeEngine,
  NativeMaskedPooling,
  NativeNetwork,
  NativeNetworkInfo,
  NativeTensor,
  NetworkOutputs,
  Precision,
} from '../../native/addon.js';
import { allocate, expectPointer, floatsAt, lastError, textAt, withText } from './wasm-memory.js';
import type { Pointer, WasmModule } from './wasm-module.js';

/** In the order of the core's `Precision`. */
const PRECISIONS: readonly Precision[] = ['fp32', 'bf16', 'fp16', 'int8'];

/** A network's weights copied into the module for `make`, and freed after it, for it keeps what it needs in a form of its own. */
function withLoading<T>(
  module: WasmModule,
  network: NativeNetwork,
  tensors: readonly NativeTensor[],
  make: (loading: Pointer) => T,
): T {
  const loading = withText(module, network.name, (name) =>
    expectPointer(module, module._ws_loading_new(name)),
  );
  try {
    for (const [name, sizes] of Object.entries(network.sizes)) {
      withText(module, name, (pointer) => {
        for (const size of sizes) module._ws_loading_size(loading, pointer, size);
      });
    }
    for (const tensor of tensors) copyTensor(module, loading, tensor);
    return make(loading);
  } finally {
    module._ws_loading_free(loading);
  }
}

function copyTensor(module: WasmModule, loading: Pointer, { name, shape, data }: NativeTensor): void {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length) {
    throw new WhospeaksError(
      'model-shape',
      `tensor "${name}" has ${data.length} numbers, its shape ${count}`,
    );
  }
  const axes = allocate(module, shape.length * 4);
  try {
    module.HEAP32.set(shape, axes / 4);
    const to = withText(module, name, (pointer) =>
      expectPointer(module, module._ws_loading_tensor(loading, pointer, axes, shape.length)),
    );
    module.HEAPF32.set(data, to / 4);
  } finally {
    module._free(axes);
  }
}

/** A network in WebAssembly. A run holds its thread until it is done, so none is ever in flight when `close` comes. */
export class WasmEngine implements NativeEngine {
  readonly #module: WasmModule;
  readonly #info: NativeNetworkInfo;
  readonly #device: string;
  #engine: Pointer;

  constructor(
    module: WasmModule,
    name: string,
    network: NativeNetwork,
    tensors: readonly NativeTensor[],
    precision: Precision,
  ) {
    this.#module = module;
    this.#engine = withLoading(module, network, tensors, (loading) =>
      withText(module, name, (pointer) =>
        expectPointer(module, module._ws_engine_new(loading, pointer, PRECISIONS.indexOf(precision))),
      ),
    );
    const outputs = Array.from({ length: module._ws_engine_outputs(this.#engine) }, (_, i) =>
      textAt(module, module._ws_engine_output_name(this.#engine, i)),
    );
    this.#info = {
      inputSize: module._ws_engine_input_size(this.#engine),
      minFrames: module._ws_engine_least_frames(this.#engine),
      maxFrames: module._ws_engine_most_frames(this.#engine),
      outputs,
    };
    this.#device = textAt(module, module._ws_engine_device(this.#engine));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the addon's is asynchronous, and rejects
  async run(input: Float32Array, batch: number, frames: number): Promise<NetworkOutputs> {
    const module = this.#module;
    const engine = this.#engine;
    if (engine === 0) throw new WhospeaksError('engine-closed', 'the engine was closed');
    if (input.length !== batch * frames * this.#info.inputSize) {
      throw new WhospeaksError(
        'engine-failed',
        `${input.length} numbers are not ${batch} x ${frames} frames`,
      );
    }
    const to = expectPointer(module, module._ws_engine_input(engine, batch, frames));
    module.HEAPF32.set(input, to / 4);
    if (module._ws_engine_run(engine, batch, frames) === 0) throw lastError(module);
    return Object.fromEntries(
      this.#info.outputs.map((name, i) => [
        name,
        floatsAt(module, module._ws_engine_output(engine, i), module._ws_engine_output_length(engine, i)),
      ]),
    );
  }

  close(): void {
    if (this.#engine !== 0) this.#module._ws_engine_free(this.#engine);
    this.#engine = 0;
  }

  network(): NativeNetworkInfo {
    return this.#info;
  }

  device(): string {
    return this.#device;
  }
}

/** Masked pooling in WebAssembly. Nothing closes it: `freed` tells the module when it is no longer reached. */
export class WasmPooling implements NativeMaskedPooling {
  readonly #module: WasmModule;
  readonly #pooling: Pointer;
  readonly #columnSize: number;
  readonly #dimension: number;

  constructor(
    module: WasmModule,
    network: NativeNetwork,
    tensors: readonly NativeTensor[],
    freed: FinalizationRegistry<() => void>,
  ) {
    this.#module = module;
    const pooling = withLoading(module, network, tensors, (loading) =>
      expectPointer(module, module._ws_pooling_new(loading)),
    );
    this.#pooling = pooling;
    this.#columnSize = module._ws_pooling_column_size(pooling);
    this.#dimension = module._ws_pooling_dimension(pooling);
    freed.register(this, () => {
      module._ws_pooling_free(pooling);
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the addon's is asynchronous, and rejects
  async pool(
    columns: Float32Array,
    width: number,
    masks: Float32Array,
    count: number,
  ): Promise<Float32Array> {
    const module = this.#module;
    if (columns.length !== width * this.#columnSize || masks.length !== count * width) {
      throw new WhospeaksError(
        'engine-failed',
        `columns or masks do not fit ${width} columns and ${count} masks`,
      );
    }
    if (!masks.every((weight) => weight >= 0 && weight < Infinity)) {
      throw new WhospeaksError('engine-failed', 'pool: masks: expected finite numbers that are not negative');
    }
    const to = expectPointer(module, module._ws_pooling_columns(this.#pooling, width, count));
    module.HEAPF32.set(columns, to / 4);
    module.HEAPF32.set(masks, module._ws_pooling_masks(this.#pooling) / 4);
    const embeddings = expectPointer(module, module._ws_pooling_run(this.#pooling, width, count));
    return floatsAt(module, embeddings, count * this.#dimension);
  }
}
