import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { beforeAll, describe, expect, it } from 'vitest';
import { withFinalOpcodes } from '../../../scripts/relaxed-opcodes.mjs';
import { hasRelaxedVectors, hasVectors } from '../../../src/browser/engine/has-vectors.js';
import { wasmAddon } from '../../../src/browser/engine/wasm-addon.js';
import type { WasmModule } from '../../../src/browser/engine/wasm-module.js';
import { sha256 as browserSha256 } from '../../../src/browser/platform/sha256.js';
import { gateWeights } from '../../../src/fbank/gate-weights.js';
import { BUNDLED_MODEL_FOLDER, readModel, readSegmentation } from '../../../src/model/index.js';
import { describeFeatures, describeNetwork, type NetworkDescription } from '../../../src/model/network.js';
import { sha256 } from '../../../src/model/sha256.js';
import { describeSegmentation } from '../../../src/model/segmentation/network.js';
import type { NativeAddon } from '../../../src/native/addon.js';
import { nativeTensors } from '../../../src/native/engine.js';
import { complete, loadAddon } from '../../../src/native/load-addon.js';
import { FRAME_SAMPLES, MEL_BINS } from '../../../src/stream/geometry.js';
import { randomNumbers } from '../../random.js';
import { ROOT } from './site.js';

/** Sums in another order, of vectors of another width. */
const TOLERANCE = 1e-5;

type Create = (options: {
  instantiateWasm: (
    imports: WebAssembly.Imports,
    started: (instance: WebAssembly.Instance) => void,
  ) => object;
}) => Promise<WasmModule>;

/** The core as the worker starts it, in Node. */
async function start(folder: string, binary: string): Promise<NativeAddon> {
  const file = join(ROOT, folder, 'whospeaks.mjs');
  if (!existsSync(file)) throw new Error(`${file} is missing; build it with: npm run build:browser`);
  const { default: create } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    default: Create;
  };
  const compiled = await WebAssembly.compile(readFileSync(join(ROOT, binary)));
  const module = await create({
    instantiateWasm: (imports, started) => {
      void WebAssembly.instantiate(compiled, imports).then(started);
      return {};
    },
  });
  return wasmAddon(module);
}

function numbers(count: number, seed: number): Float32Array {
  const next = randomNumbers(seed);
  return Float32Array.from({ length: count }, () => 2 * next() - 1);
}

function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

// Node 20 has relaxed vectors behind this flag; later ones have them, as browsers do.
setFlagsFromString('--experimental-wasm-relaxed-simd');

describe.each([
  ['with relaxed vectors', 'build-wasm-simd', 'dist/browser/whospeaks-relaxed.wasm', 'wasm-relaxed'],
  ['with vectors', 'build-wasm-simd', 'dist/browser/whospeaks-simd.wasm', 'wasm'],
  ['without vectors', 'build-wasm-scalar', 'dist/browser/whospeaks-scalar.wasm', 'scalar'],
])('the core in WebAssembly, %s', (_, folder, binary, device) => {
  let wasm: NativeAddon;
  const native = loadAddon();
  beforeAll(async () => {
    wasm = await start(folder, binary);
  });

  /** Each output of both, of the same windows. */
  async function outputs(network: NetworkDescription, input: Float32Array, batch: number, frames: number) {
    const run = async (addon: NativeAddon) => {
      const { name, sizes } = network;
      const engine = await addon.createEngine('cpu', { name, sizes }, nativeTensors(network), 1, 'fp32');
      const made = await engine.run(input, batch, frames);
      engine.close();
      // The addon throws, the module rejects.
      const again = async () => engine.run(input, batch, frames);
      await expect(again()).rejects.toMatchObject({ code: 'engine-closed' });
      return made;
    };
    return [await run(wasm), await run(native)] as const;
  }

  it('has the table of the addon, and its engine', () => {
    expect(() => complete(wasm)).not.toThrow();
    expect(wasm.engines()[0]).toMatchObject({ name: 'cpu', device, reason: '' });
  });

  it('makes features and scores of the speech gate with the same bits', () => {
    const count = 37;
    const frames = numbers(count * FRAME_SAMPLES, 1);
    frames.fill(0, 0, 3 * FRAME_SAMPLES);
    const [mine, theirs] = [wasm, native].map((addon) => {
      const features = new Float32Array(count * MEL_BINS);
      addon.createLogMel().compute(frames, count, features);
      const gate = addon.createGateNetwork(gateWeights());
      const [scores, again] = [new Float64Array(count), new Float64Array(count)];
      gate.score(features, scores);
      gate.reset();
      gate.score(features, again);
      expect(again).toEqual(scores);
      return { features, scores };
    });
    expect(mine).toEqual(theirs);
  });

  it('multiplies a matrix with the same bits, and finds the same vectors', () => {
    const [rows, columns] = [75, 256];
    const values = Array.from({ length: rows }, (__, row) => [...unit(numbers(columns, row + 1))]).flat();
    const query = unit(numbers(columns, 99));
    const [mine, theirs] = [wasm, native].map((addon) => {
      const out = new Float64Array(rows);
      addon.createMatrix(Float32Array.from(values), rows).times(query, out);
      const index = addon.createVectorIndex(columns);
      index.add(Float32Array.from(values));
      index.remove(3);
      return { out, slots: [...index.search(query, 5, 0).slots], size: index.size() };
    });
    expect(mine).toEqual(theirs);
  });

  it('embeds, with the overlap, as Node does', async () => {
    const network = describeNetwork(await readModel(BUNDLED_MODEL_FOLDER));
    for (const [batch, frames] of [
      [1, 50],
      [1, 148],
      [3, 98],
    ] as const) {
      const input = numbers(batch * frames * MEL_BINS, frames).map((value) => 4 * value);
      const [mine, theirs] = await outputs(network, input, batch, frames);
      expect(Object.keys(mine)).toEqual(Object.keys(theirs));
      expect(apart(unit(mine['embedding']!), unit(theirs['embedding']!))).toBeLessThan(TOLERANCE);
      expect(apart(mine['overlap']!, theirs['overlap']!)).toBeLessThan(1e-3);
    }
  });

  it('pools under masks as Node does', async () => {
    const { pooling, rows, channels } = describeFeatures(await readModel(BUNDLED_MODEL_FOLDER));
    const width = 19;
    const columns = numbers(width * rows * channels, 5).map(Math.abs);
    const masks = numbers(2 * width, 6).map(Math.abs);
    const [mine, theirs] = await Promise.all(
      [wasm, native].map((addon) =>
        addon
          .createMaskedPooling({ name: pooling.name, sizes: pooling.sizes }, nativeTensors(pooling))
          .pool(columns, width, masks, 2),
      ),
    );
    expect(apart(unit(mine!), unit(theirs!))).toBeLessThan(TOLERANCE);
  });

  it('segments as Node does', async () => {
    const network = describeSegmentation(await readSegmentation(join(BUNDLED_MODEL_FOLDER, 'segmentation')));
    const [mine, theirs] = await outputs(network, numbers(2 * 32_000, 7), 2, 32_000);
    expect(apart(mine['activity']!, theirs['activity']!)).toBeLessThan(1e-3);
  });

  it('refuses what it cannot run, with a code', async () => {
    const network = describeNetwork(await readModel(BUNDLED_MODEL_FOLDER));
    const make = (name: string, tensors = nativeTensors(network), precision: 'fp32' | 'bf16' = 'fp32') =>
      wasm.createEngine(name, { name: network.name, sizes: network.sizes }, tensors, 1, precision);
    await expect(make('mlx')).rejects.toMatchObject({ code: 'engine-unavailable' });
    await expect(make('cpu', undefined, 'bf16')).rejects.toMatchObject({ code: 'engine-unavailable' });
    await expect(make('cpu', nativeTensors(network).slice(1))).rejects.toMatchObject({ code: 'model-shape' });
    const engine = await make('cpu');
    await expect(engine.run(new Float32Array(80), 1, 1)).rejects.toMatchObject({ code: 'engine-failed' });
    engine.close();
  });
});

it('knows vectors, and relaxed ones', () => {
  expect([hasVectors(), hasRelaxedVectors()]).toEqual([true, true]);
});

it('puts the final opcode in the place of each of the draft, and of nothing else', () => {
  const module = Buffer.of(0x01, 0xfd, 0xaf, 0x01, 0xfd, 0xae, 0x01, 0xfd, 0xaf, 0x01);
  const final = Buffer.of(0x01, 0xfd, 0x85, 0x02, 0xfd, 0xae, 0x01, 0xfd, 0x85, 0x02);
  expect(withFinalOpcodes(module, 2)).toEqual(final);
  expect(() => withFinalOpcodes(module, 1)).toThrow('2 places');
});

it('hashes as Node does', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    expect(browserSha256([bytes, 'é'])).toBe(sha256([bytes, 'é']));
  }
});
