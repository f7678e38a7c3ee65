import { z } from 'zod';
import { isWhospeaksError, WhospeaksError } from '../errors.js';
import { allFinite } from '../finite.js';
import { parseOptions } from '../options.js';
import { describeNetwork, type NetworkDescription } from '../model/network.js';
import type { ForeignNetwork } from '../model/index.js';
import type { CanonicalModel } from '../model/types.js';
import {
  fromNativeError,
  type NativeEngine,
  type NativeEngineInfo,
  type NativeTensor,
  type NetworkOutputs,
  type Precision,
} from './addon.js';
import { BatchScheduler } from './batch-scheduler.js';
import {
  BATCHING,
  ENGINE_CHOICES,
  PRECISION_CHOICES,
  type EngineName,
  type RunnerName,
} from './engine-names.js';
import { assertFloat32 } from './float32.js';
import type { Job } from './job-queue.js';
import { loadAddon } from './load-addon.js';
import { OnnxEngine } from './onnx/onnx-engine.js';
import { defaultThreads } from './threads.js';

export const engineOptionsSchema = z.strictObject({
  /**
   * auto takes mlx where it computes on a GPU, else cpu; and onnx for ONNX files of other networks than those that these run.
   * onnx is onnxruntime-node, which is installed apart: `engine-unavailable` where it is not.
   */
  engine: z.enum(ENGINE_CHOICES).default('auto'),
  /** Threads that compute; default: the physical cores, at most 4. */
  threads: z.int().min(1).max(256).optional(),
  /**
   * bf16 is several times faster; its embeddings have a cosine above 0.9999 with those of fp32. The cpu engine needs a processor
   * with AMX for it, under Linux; elsewhere `engine-unavailable`. int8 computes in integers (9-bit activations by 16-bit weights,
   * 8 by 8 in layers that halve time), on processors with AVX-512 VNNI: half the time of fp32, cosine above 0.999. fp16 is for the
   * mlx engine alone. auto takes the fastest of fp32, int8 and bf16 that the cpu engine has here, and fp32 on other engines.
   */
  precision: z.enum(PRECISION_CHOICES).default('fp32'),
  /** Windows that may wait; beyond it `embed` rejects. */
  maxQueuedWindows: z.int().min(1).max(65_536).default(1024),
  /**
   * Longest that a window waits, while the engine is idle, for windows of other calls to run with it, ms. It waits
   * only where others are expected within that time, so a lone stream never does. Default: 0 on the cpu
   * engine, where a batch costs what its windows cost one by one; 5 on mlx.
   */
  maxBatchDelayMs: z.number().min(0).max(1000).optional(),
});
export type EngineOptions = z.input<typeof engineOptionsSchema>;

/** Of the cpu engine, the fastest first. */
const FASTER_THAN_FP32 = ['bf16', 'int8'] as const;

type QueueOptions = Pick<z.output<typeof engineOptionsSchema>, 'maxQueuedWindows' | 'maxBatchDelayMs'>;

/**
 * A network in native code: windows of features to the network's named outputs. Work runs off the event
 * loop, one native call at a time, in order of arrival; calls of `run` that wait are joined into batches.
 * Each worker thread makes its own engine.
 */
export class Engine {
  /** Numbers in one frame of the input: mel bins, or 1 where frames are samples. */
  readonly inputSize: number;
  readonly minFrames: number;
  readonly maxFrames: number;
  /** Names of what the network gives: `embedding`, and `overlap` where the model has a readout for it; or `activity`. */
  readonly outputs: readonly string[];
  /** cpu, mlx or onnx. */
  readonly name: RunnerName;
  /** The device that it computes on, as text. */
  readonly device: string;
  readonly #native: NativeEngine;
  readonly #scheduler: BatchScheduler;
  #running = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(
    name: RunnerName,
    native: NativeEngine,
    { maxQueuedWindows, maxBatchDelayMs }: QueueOptions,
  ) {
    const { maxBatch, maxDelayMs } = BATCHING[name];
    this.#native = native;
    this.#scheduler = new BatchScheduler({
      maxQueuedWindows,
      maxBatch,
      maxDelayMs: maxBatchDelayMs ?? maxDelayMs,
    });
    const { inputSize, minFrames, maxFrames, outputs } = native.network();
    this.inputSize = inputSize;
    this.minFrames = minFrames;
    this.maxFrames = maxFrames;
    this.outputs = outputs;
    this.name = name;
    this.device = native.device();
  }

  /**
   * Copy a model's weights into a native engine. Rejects with `addon-missing`, `engine-unavailable`,
   * `model-shape` or `invalid-option`.
   */
  static create(model: CanonicalModel, options?: EngineOptions): Promise<Engine> {
    return Engine.forNetwork(describeNetwork(model), options);
  }

  /**
   * A network of another architecture, under onnxruntime. Rejects as `OnnxEngine.create`, and with `engine-unavailable` where
   * another engine or another precision than fp32 is asked for.
   */
  static async forForeign(
    network: ForeignNetwork,
    options?: EngineOptions,
  ): Promise<{ engine: Engine; dimension: number }> {
    const { engine, threads, precision, ...queue } = parseOptions(
      'Engine.create',
      engineOptionsSchema,
      options,
    );
    const isFull = precision === 'fp32' || precision === 'auto';
    if ((engine !== 'auto' && engine !== 'onnx') || !isFull) {
      const asked = isFull ? `the engine ${engine}` : precision;
      throw new WhospeaksError(
        'engine-unavailable',
        `${asked} runs WeSpeaker's ResNets alone, and this model is another network: leave engine and precision out`,
      );
    }
    const native = await OnnxEngine.create(network, threads ?? defaultThreads());
    return { engine: new Engine('onnx', native, queue), dimension: native.dimension };
  }

  /** The same for any network of the core's. */
  static async forNetwork(network: NetworkDescription, options?: EngineOptions): Promise<Engine> {
    const { engine, threads, precision, ...queue } = parseOptions(
      'Engine.create',
      engineOptionsSchema,
      options,
    );
    if (engine === 'onnx') {
      throw new WhospeaksError(
        'engine-unavailable',
        'the engine onnx runs ONNX files; this model is another file: leave engine out',
      );
    }
    const addon = loadAddon();
    const name = engine === 'auto' ? chooseEngine(addon.engines()) : engine;
    const create = async (precision: Precision): Promise<Engine> => {
      try {
        const native = await addon.createEngine(
          name,
          { name: network.name, sizes: network.sizes },
          nativeTensors(network),
          threads ?? defaultThreads(),
          precision,
        );
        return new Engine(name, native, queue);
      } catch (error) {
        throw fromNativeError(error);
      }
    };
    const faster = precision === 'auto' && name === 'cpu' ? FASTER_THAN_FP32 : [];
    for (const each of faster) {
      try {
        return await create(each);
      } catch (error) {
        // What this processor or this network has not is not there to be chosen.
        if (!isWhospeaksError(error, 'engine-unavailable')) throw error;
      }
    }
    return create(precision === 'auto' ? 'fp32' : precision);
  }

  /**
   * Run `batch` windows of `frames` frames each.
   *
   * @param features batch x frames x inputSize, row-major, the window's mean subtracted; copied at once, so that
   * they may change or be transferred while the window waits.
   * @returns each output by name, batch x its size, as the network gives it: an embedding is not L2-normalised,
   * `overlap` is log-odds.
   * Rejects with `engine-failed` (a shape that does not fit, features that are not finite, a full queue), `invalid-option`
   * (features of another type) or `engine-closed`.
   */
  run(features: Float32Array, frames: number, batch = 1): Promise<NetworkOutputs> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closedError();
      const copy = this.#checked(features, frames, batch);
      this.#scheduler.push({ features: copy, frames, batch, resolve, reject }, performance.now());
      if (!this.#running) void this.#run();
    });
  }

  /** As `run`, the output `embedding` alone: batch x dimension. Rejects with `engine-failed` where the network has none. */
  async embed(features: Float32Array, frames: number, batch = 1): Promise<Float32Array> {
    const { embedding } = await this.run(features, frames, batch);
    if (embedding !== undefined) return embedding;
    throw new WhospeaksError(
      'engine-failed',
      `this network has no output "embedding", only ${this.outputs.join(', ')}; call run`,
    );
  }

  /** Frees the weights; what waits or runs is rejected with `engine-closed`. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.close();
    clearTimeout(this.#timer);
    for (const job of this.#scheduler.drain()) job.reject(closedError());
  }

  #checked(features: Float32Array, frames: number, batch: number): Float32Array {
    assertFloat32('Engine.run', 'features', features);
    if (!Number.isInteger(frames) || frames < this.minFrames || frames > this.maxFrames) {
      throw new WhospeaksError(
        'engine-failed',
        `a window has ${this.minFrames} to ${this.maxFrames} frames, not ${frames}; give it more audio or cut it`,
      );
    }
    if (!Number.isInteger(batch) || batch < 1 || features.length !== batch * frames * this.inputSize) {
      throw new WhospeaksError(
        'engine-failed',
        `${features.length} features are not batch ${batch} x frames ${frames} x ${this.inputSize}`,
      );
    }
    const copy = new Float32Array(features);
    // A NaN would pass through ReLU as zero and give a wrong embedding.
    if (!allFinite(copy)) {
      throw new WhospeaksError(
        'engine-failed',
        'the features hold a number that is not finite; check the audio',
      );
    }
    return copy;
  }

  async #run(): Promise<void> {
    this.#running = true;
    clearTimeout(this.#timer);
    // Calls made in this turn of the event loop can still join the first batch.
    await Promise.resolve();
    for (;;) {
      const { jobs, waitMs } = this.#scheduler.next(performance.now());
      if (jobs.length > 0) {
        await this.#runBatch(jobs);
        continue;
      }
      this.#running = false;
      if (waitMs !== null) this.#timer = setTimeout(() => void this.#run(), waitMs);
      return;
    }
  }

  async #runBatch(jobs: readonly Job[]): Promise<void> {
    const batch = jobs.reduce((sum, job) => sum + job.batch, 0);
    try {
      const outputs = await this.#native.run(joinFeatures(jobs), batch, jobs[0]!.frames);
      let first = 0;
      for (const job of jobs) {
        job.resolve(jobs.length === 1 ? outputs : windowsOf(outputs, first, job.batch, batch));
        first += job.batch;
      }
    } catch (error) {
      for (const job of jobs) job.reject(fromNativeError(error));
    }
  }
}

/** A network's weights as the addon takes them. */
export function nativeTensors({ tensors }: NetworkDescription): NativeTensor[] {
  return [...tensors].map(([name, { shape, data }]) => ({ name, shape, data }));
}

/** The engines of this build: an empty `reason` means that it can be had. */
export function listEngines(): NativeEngineInfo[] {
  return loadAddon().engines();
}

/** On a processor the cpu engine is several times faster than MLX, so only a GPU speaks for mlx. */
export function chooseEngine(engines: readonly NativeEngineInfo[]): EngineName {
  const usable = engines.some(
    ({ name, reason, accelerated }) => name === 'mlx' && reason === '' && accelerated,
  );
  return usable ? 'mlx' : 'cpu';
}

function joinFeatures(jobs: readonly Job[]): Float32Array {
  if (jobs.length === 1) return jobs[0]!.features;
  const joined = new Float32Array(jobs.reduce((sum, job) => sum + job.features.length, 0));
  let at = 0;
  for (const job of jobs) {
    joined.set(job.features, at);
    at += job.features.length;
  }
  return joined;
}

/** The outputs of `count` windows of a batch of `batch`, from window `first` on. */
function windowsOf(outputs: NetworkOutputs, first: number, count: number, batch: number): NetworkOutputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, values]) => {
      const size = values.length / batch;
      return [name, values.slice(first * size, (first + count) * size)];
    }),
  );
}

function closedError(): WhospeaksError {
  return new WhospeaksError('engine-closed', 'the engine was closed; create a new one');
}
