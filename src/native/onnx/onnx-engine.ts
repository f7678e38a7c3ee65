import { allFinite } from '../../finite.js';
import { WhospeaksError } from '../../errors.js';
import type { ForeignNetwork } from '../../model/index.js';
import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';
import type { NativeEngine, NativeNetworkInfo, NetworkOutputs } from '../addon.js';
import type { Feed } from './messages.js';
import { findRuntime, OnnxSession } from './session.js';

/** One minute; bounds the memory that one call can ask for. */
const MAX_SECONDS = 60;
const FRAMES_A_SECOND = 100;
/** Below it no network of the kind makes anything of it. */
const MIN_SECONDS = 0.1;
const PROBE_SECONDS = 1.5;

/** A network of another architecture under onnxruntime: windows of features, or of samples, to embeddings. */
export class OnnxEngine implements NativeEngine {
  readonly dimension: number;
  readonly #network: ForeignNetwork;
  readonly #session: OnnxSession;
  readonly #threads: number;
  readonly #takesBatches: boolean;

  private constructor(
    network: ForeignNetwork,
    session: OnnxSession,
    threads: number,
    probed: { dimension: number; takesBatches: boolean },
  ) {
    this.#network = network;
    this.#session = session;
    this.#threads = threads;
    this.dimension = probed.dimension;
    this.#takesBatches = probed.takesBatches;
  }

  /**
   * Load the network and try it on noise. Rejects with `engine-unavailable` (onnxruntime-node is not installed),
   * `engine-failed` (it does not take the model) or `model-unsupported` (what the network gives is no embedding).
   */
  static async create(network: ForeignNetwork, threads: number): Promise<OnnxEngine> {
    const { bytes: model, output } = network;
    const session = await OnnxSession.create({ runtime: findRuntime(), model, threads, output });
    try {
      return new OnnxEngine(network, session, threads, await probe(network, session));
    } catch (error) {
      session.close();
      throw error;
    }
  }

  network(): NativeNetworkInfo {
    const { frontEnd } = this.#network;
    const isWaveform = frontEnd.kind === 'waveform';
    const perSecond = isWaveform ? SAMPLE_RATE_HZ : FRAMES_A_SECOND;
    return {
      inputSize: isWaveform ? 1 : frontEnd.bins,
      minFrames: MIN_SECONDS * perSecond,
      maxFrames: MAX_SECONDS * perSecond,
      outputs: ['embedding'],
    };
  }

  device(): string {
    return `onnxruntime, ${this.#threads} thread${this.#threads === 1 ? '' : 's'}`;
  }

  async run(input: Float32Array, batch: number, frames: number): Promise<NetworkOutputs> {
    const embedding = new Float32Array(batch * this.dimension);
    const size = input.length / batch;
    const together = this.#takesBatches ? batch : 1;
    for (let first = 0; first < batch; first += together) {
      const windows = input.subarray(first * size, (first + together) * size);
      const { data } = await this.#session.run(feedsOf(this.#network, windows, together, frames));
      if (data.length !== together * this.dimension) {
        throw new WhospeaksError(
          'engine-failed',
          `the network gave ${data.length} numbers for ${together} windows of ${frames} frames, not ${this.dimension} each`,
        );
      }
      embedding.set(data, first * this.dimension);
    }
    return { embedding };
  }

  close(): void {
    this.#session.close();
  }
}

/** Noise at two loudnesses: the embedding's size, and whether a batch gives what its windows give one by one. */
async function probe(
  network: ForeignNetwork,
  session: OnnxSession,
): Promise<{ dimension: number; takesBatches: boolean }> {
  const { frontEnd } = network;
  const isWaveform = frontEnd.kind === 'waveform';
  const frames = PROBE_SECONDS * (isWaveform ? SAMPLE_RATE_HZ : FRAMES_A_SECOND);
  const size = frames * (isWaveform ? 1 : frontEnd.bins);
  const noise = Float32Array.from(
    { length: 2 * size },
    (_, i) => Math.sin(i * i * 0.7) * (i < size ? 0.1 : 0.5),
  );
  const alone = await session.run(feedsOf(network, noise.subarray(0, size), 1, frames));
  const dimension = alone.data.length;
  const said = network.dimension ?? dimension;
  if (alone.dims.length !== 2 || alone.dims[0] !== 1 || dimension !== said) {
    throw new WhospeaksError(
      'model-unsupported',
      `the network's output is [${alone.dims.join(', ')}]; expected [1, ${network.dimension ?? 'dimension'}]`,
    );
  }
  if (!allFinite(alone.data)) {
    throw new WhospeaksError('model-unsupported', "the network's output is not finite, even for plain noise");
  }
  if (network.isSingle) return { dimension, takesBatches: false };
  // Some exporters fix a batch of one somewhere inside, whatever the graph says of its input.
  const both = await session.run(feedsOf(network, noise, 2, frames)).catch(() => undefined);
  const takesBatches =
    both?.data.length === 2 * dimension &&
    alone.data.every((value, i) => Math.abs(value - both.data[i]!) <= 1e-3 + 1e-3 * Math.abs(value));
  return { dimension, takesBatches };
}

/** The graph's inputs, of windows that lie frames x bins. */
function feedsOf(
  { input, layout, lengths }: ForeignNetwork,
  windows: Float32Array,
  batch: number,
  frames: number,
): Record<string, Feed> {
  const bins = windows.length / batch / frames;
  const dims = {
    'frames-bins': [batch, frames, bins],
    'bins-frames': [batch, bins, frames],
    samples: [batch, frames],
    'channel-samples': [batch, 1, frames],
  }[layout];
  const data = layout === 'bins-frames' ? turned(windows, batch, frames, bins) : windows.slice();
  const feeds: Record<string, Feed> = { [input]: { type: 'float32', data, dims } };
  if (lengths !== undefined) {
    const each = new BigInt64Array(batch).fill(BigInt(frames));
    feeds[lengths] = { type: 'int64', data: each, dims: [batch] };
  }
  return feeds;
}

function turned(windows: Float32Array, batch: number, frames: number, bins: number): Float32Array {
  const out = new Float32Array(windows.length);
  for (let b = 0; b < batch; b++) {
    const at = b * frames * bins;
    for (let t = 0; t < frames; t++) {
      for (let bin = 0; bin < bins; bin++) out[at + bin * frames + t] = windows[at + t * bins + bin]!;
    }
  }
  return out;
}
