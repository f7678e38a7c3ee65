import type { NativeAddon, NativeEngineInfo } from '../../native/addon.js';
import { WasmEngine, WasmPooling } from './wasm-engine.js';
import { WasmGateNetwork, WasmLogMel, WasmMatrix, WasmVectorIndex, type Room } from './wasm-front-end.js';
import { Scratch, textAt } from './wasm-memory.js';
import type { WasmModule } from './wasm-module.js';

/** The addon's table of exports over a running module of WebAssembly. */
export function wasmAddon(module: WasmModule): NativeAddon {
  const freed = new FinalizationRegistry<() => void>((free) => {
    free();
  });
  const room: Room = { input: new Scratch(module), output: new Scratch(module) };
  const engines = enginesOf(module);
  return {
    engineNames: engines.map(({ name }) => name),
    geometry: {
      sampleRateHz: module._ws_sample_rate_hz(),
      frameSamples: module._ws_frame_samples(),
      shiftSamples: module._ws_shift_samples(),
      melBins: module._ws_mel_bins(),
    },
    engines: () => engines,
    // One thread, whatever is asked for.
    // eslint-disable-next-line @typescript-eslint/require-await -- the addon's is asynchronous, and rejects
    createEngine: async (name, network, tensors, _threads, precision) =>
      new WasmEngine(module, name, network, tensors, precision),
    createGateNetwork: (weights) => new WasmGateNetwork(module, room, weights, freed),
    createLogMel: () => new WasmLogMel(module, room, freed),
    createMaskedPooling: (network, tensors) => new WasmPooling(module, network, tensors, freed),
    createMatrix: (values, rows) => new WasmMatrix(module, room, values, rows, freed),
    createVectorIndex: (dimension) => new WasmVectorIndex(module, room, dimension, freed),
  };
}

function enginesOf(module: WasmModule): NativeEngineInfo[] {
  return textAt(module, module._ws_engines())
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [name = '', device = '', reason = '', version = '', accelerated] = line.split('\t');
      return { name, device, reason, version, accelerated: accelerated === '1' };
    });
}
