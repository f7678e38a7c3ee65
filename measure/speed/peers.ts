import { createRequire } from 'node:module';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SegmentationWeights } from '../../src/model/index.js';
import { segmentationToOnnx } from './onnx-segmentation.js';

/** The parts of the peers' interfaces that are used here. */
interface OnnxTensor {
  readonly data: Float32Array;
}
interface OnnxRuntime {
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: number[]) => OnnxTensor;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>> }>;
  };
}
interface SherpaStream {
  acceptWaveform(audio: { sampleRate: number; samples: Float32Array }): void;
  inputFinished(): void;
}
interface Sherpa {
  readonly SpeakerEmbeddingExtractor: new (config: object) => {
    createStream(): SherpaStream;
    compute(stream: SherpaStream): Float32Array;
  };
}

function load(name: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch (cause) {
    throw new Error(
      `${name} is missing; install the peers with: npm ci --prefix measure/speed --ignore-scripts`,
      {
        cause,
      },
    );
  }
}

const sessionOptions = (threads: number): object => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
});

/** Features (batch x frames x 80) to embeddings. */
export type Peer = (features: Float32Array, frames: number, batch: number) => Promise<Float32Array>;

/** onnxruntime-node on a file of `toOnnx`, or on what was quantised of it. */
export async function onnxRuntime(file: Uint8Array, threads: number): Promise<Peer> {
  const ort = load('onnxruntime-node') as OnnxRuntime;
  const session = await ort.InferenceSession.create(file, sessionOptions(threads));
  return async (features, frames, batch) => {
    const shape = [batch, frames, features.length / batch / frames];
    return (await session.run({ feats: new ort.Tensor('float32', features, shape) })).embs!.data;
  };
}

/** onnxruntime-node on the segmentation network: windows x samples to windows x frames x 7. */
export async function onnxSegmentation(
  weights: SegmentationWeights,
  threads: number,
): Promise<(samples: Float32Array, windows: number) => Promise<Float32Array>> {
  const ort = load('onnxruntime-node') as OnnxRuntime;
  const session = await ort.InferenceSession.create(segmentationToOnnx(weights), sessionOptions(threads));
  return async (samples, windows) => {
    const shape = [windows, 1, samples.length / windows];
    return (await session.run({ x: new ort.Tensor('float32', samples, shape) })).y!.data;
  };
}

/** sherpa-onnx-node on such a file: 16 kHz samples to an embedding, its own front end included. */
export function sherpaOnnx(network: Uint8Array, threads: number): (samples: Float32Array) => Float32Array {
  const sherpa = load('sherpa-onnx-node') as Sherpa;
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-bench-'));
  const file = join(folder, 'model.onnx');
  writeFileSync(file, network);
  const extractor = new sherpa.SpeakerEmbeddingExtractor({ model: file, numThreads: threads, debug: false });
  rmSync(folder, { recursive: true });
  return (samples) => {
    const stream = extractor.createStream();
    stream.acceptWaveform({ sampleRate: 16_000, samples });
    stream.inputFinished();
    return extractor.compute(stream);
  };
}
