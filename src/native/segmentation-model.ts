import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { allFinite } from '../finite.js';
import type { SegmentationWeights } from '../model/segmentation/canonical.js';
import { describeSegmentation } from '../model/segmentation/network.js';
import { parseOptions } from '../options.js';
import { segmentationFramesIn } from '../stream/geometry.js';
import { Engine, type EngineOptions } from './engine.js';
import { assertFloat32 } from './float32.js';
import { openSegmentation, readSegmentation } from './pretrained.js';
import { decodePowerset, POWERSET } from './powerset.js';
import type { WindowSegmenter } from './types.js';

/**
 * Windows of one native call: two groups of those that take each step of the LSTM together. It bounds what is copied at
 * once, and how long `signal` waits.
 */
const WINDOWS_A_CALL = 12;

export type SegmentationModelOptions = EngineOptions;

const segmentOptionsSchema = z.strictObject({
  /** Ends the work before its next windows; `segment` rejects with the signal's reason. */
  signal: z.instanceof(AbortSignal).optional(),
});
/** Anything that segments windows as a `SegmentationModel` does. */
export const segmenterSchema = z.custom<WindowSegmenter>(
  (value) => typeof (value as WindowSegmenter | null)?.segment === 'function',
  'expected a SegmentationModel',
);
export type SegmentOptions = z.input<typeof segmentOptionsSchema>;

/** What the network says of one window. Frame i hears the samples from 270 i to 270 i + 991. */
export interface Segmentation {
  readonly frames: number;
  /** frames x 7, natural logarithms; classes as in `POWERSET`: nobody, 1, 2, 3, 1+2, 1+3, 2+3. */
  readonly logProbabilities: Float32Array;
  /** frames x 3: 1 where a local speaker speaks, by the likeliest class. The speakers are this window's own. */
  readonly activity: Uint8Array;
}

/**
 * pyannote/segmentation-3.0: who of up to three local speakers speaks in each 17 ms of a window, up to two at once. Made
 * for windows of 10 s; takes any of up to a minute.
 */
export class SegmentationModel {
  readonly name: string;
  readonly fingerprint: string;
  /** cpu or mlx. */
  readonly engineName: string;
  /** What the engine computes on, for people. */
  readonly device: string;
  /** A shorter window is padded with zeros at its end up to this: two frames, for one has no variance. */
  readonly minSamples: number;
  /** A longer window is refused. */
  readonly maxSamples: number;
  readonly #engine: Engine;

  private constructor(weights: SegmentationWeights, engine: Engine) {
    this.name = weights.name;
    this.fingerprint = weights.fingerprint;
    this.engineName = engine.name;
    this.device = engine.device;
    this.minSamples = engine.minFrames;
    this.maxSamples = engine.maxFrames;
    this.#engine = engine;
  }

  /** The network that comes with the package. Rejects with `addon-missing`, `engine-unavailable` or `invalid-option`. */
  static async bundled(options?: SegmentationModelOptions): Promise<SegmentationModel> {
    return SegmentationModel.fromPretrained(undefined, options);
  }

  /** As `bundled`, of a file or a folder that holds one: ONNX (int8 too), PyTorch or safetensors. Rejects with a `model-*` code too. */
  static async fromFile(path: string, options?: SegmentationModelOptions): Promise<SegmentationModel> {
    return SegmentationModel.fromWeights(await readSegmentation(path), options);
  }

  /** As `fromFile`, by name (fetched first if need be), file or folder; the bundled one where none is named. */
  static async fromPretrained(
    nameOrPath?: string,
    options?: SegmentationModelOptions,
  ): Promise<SegmentationModel> {
    return SegmentationModel.fromWeights(await openSegmentation(nameOrPath), options);
  }

  /** A model from weights that are in memory already. It runs in fp32 alone: another precision is `engine-unavailable`. */
  static async fromWeights(
    weights: SegmentationWeights,
    options?: SegmentationModelOptions,
  ): Promise<SegmentationModel> {
    return new SegmentationModel(weights, await Engine.forNetwork(describeSegmentation(weights), options));
  }

  /**
   * Segment windows, each by itself; those of equal length run together. A window of fewer than `minSamples` samples is
   * padded with zeros at its end, and has two frames; an empty one has none.
   *
   * @param windows mono samples at 16 kHz, -1 to 1; one window, or several of any lengths
   * @returns one result a window, in order
   * Rejects with `invalid-option` (no Float32Array), `audio-not-finite`, `engine-failed` (a window of more than
   * `maxSamples`), `engine-closed`, or the signal's reason.
   */
  segment(window: Float32Array, options?: SegmentOptions): Promise<Segmentation>;
  segment(windows: readonly Float32Array[], options?: SegmentOptions): Promise<Segmentation[]>;
  async segment(
    windows: Float32Array | readonly Float32Array[],
    options?: SegmentOptions,
  ): Promise<Segmentation | Segmentation[]> {
    const { signal } = parseOptions('SegmentationModel.segment', segmentOptionsSchema, options);
    const list = Array.isArray(windows) ? (windows as readonly Float32Array[]) : [windows as Float32Array];
    for (const window of list) this.#check(window);
    const results: Segmentation[] = [];
    for (const batch of batches(list.map(({ length }) => length))) {
      signal?.throwIfAborted();
      const done = await this.#run(batch.map((i) => list[i]!));
      for (const [k, i] of batch.entries()) results[i] = done[k]!;
    }
    return Array.isArray(windows) ? results : results[0]!;
  }

  /** Frees the weights; what waits or runs is rejected with `engine-closed`. */
  close(): void {
    this.#engine.close();
  }

  /** Windows of one length. */
  async #run(windows: readonly Float32Array[]): Promise<Segmentation[]> {
    const length = windows[0]!.length;
    if (length === 0) return windows.map(() => ofLogProbabilities(new Float32Array()));
    const padded = Math.max(length, this.minSamples);
    const input = new Float32Array(windows.length * padded);
    for (const [i, window] of windows.entries()) input.set(window, i * padded);
    const { activity } = await this.#engine.run(input, padded, windows.length);
    const size = segmentationFramesIn(padded) * POWERSET.length;
    return windows.map((_, i) => ofLogProbabilities(activity!.slice(i * size, (i + 1) * size)));
  }

  #check(window: Float32Array): void {
    assertFloat32('SegmentationModel.segment', 'windows', window);
    if (window.length > this.maxSamples) {
      throw new WhospeaksError(
        'engine-failed',
        `a window has at most ${this.maxSamples} samples, not ${window.length}; cut it into windows of 10 s`,
      );
    }
    if (allFinite(window)) return;
    const bad = window.findIndex((sample) => !Number.isFinite(sample));
    throw new WhospeaksError(
      'audio-not-finite',
      `sample ${bad} is ${window[bad]!}; give finite samples, -1 to 1`,
    );
  }
}

function ofLogProbabilities(logProbabilities: Float32Array): Segmentation {
  const frames = logProbabilities.length / POWERSET.length;
  return { frames, logProbabilities, activity: decodePowerset(logProbabilities) };
}

/** Indices of windows to run together: of one length, at most so many. */
function batches(lengths: readonly number[]): number[][] {
  const byLength = new Map<number, number[]>();
  for (const [i, length] of lengths.entries()) {
    const same = byLength.get(length);
    if (same) same.push(i);
    else byLength.set(length, [i]);
  }
  return [...byLength.values()].flatMap((indices) =>
    Array.from({ length: Math.ceil(indices.length / WINDOWS_A_CALL) }, (_, k) =>
      indices.slice(k * WINDOWS_A_CALL, (k + 1) * WINDOWS_A_CALL),
    ),
  );
}
