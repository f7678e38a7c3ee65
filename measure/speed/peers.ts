import { createRequire } from 'node:module';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CanonicalModel } from '../../src/model/types.js';
import type { SegmentationWeights } from '../../src/model/index.js';
import { toOnnx } from './onnx-model.js';
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

/** onnxruntime-node on the same network: features (batch x frames x 80) to embeddings. */
export async function onnxRuntime(
  model: CanonicalModel,
  threads: number,
): Promise<(features: Float32Array, frames: number, batch: number) => Promise<Float32Array>> {
  const ort = load('onnxruntime-node') as OnnxRuntime;
  const session = await ort.InferenceSession.create(toOnnx(model), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  const featureSize = model.config.featureSize;
  return async (features, frames, batch) => {
    const result = await session.run({
      feats: new ort.Tensor('float32', features, [batch, frames, featureSize]),
    });
    return result.embs!.data;
  };
}

/** onnxruntime-node on the segmentation network: windows x samples to windows x frames x 7. */
export async function onnxSegmentation(
  weights: SegmentationWeights,
  threads: number,
): Promise<(samples: Float32Array, windows: number) => Promise<Float32Array>> {
  const ort = load('onnxruntime-node') as OnnxRuntime;
  const session = await ort.InferenceSession.create(segmentationToOnnx(weights), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  return async (samples, windows) => {
    const shape = [windows, 1, samples.length / windows];
    return (await session.run({ x: new ort.Tensor('float32', samples, shape) })).y!.data;
  };
}

/** sherpa-onnx-node on the same network: 16 kHz samples to an embedding, its own front end included. */
export function sherpaOnnx(model: CanonicalModel, threads: number): (samples: Float32Array) => Float32Array {
  const sherpa = load('sherpa-onnx-node') as Sherpa;
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-bench-'));
  const file = join(folder, 'model.onnx');
  writeFileSync(file, toOnnx(model));
  const extractor = new sherpa.SpeakerEmbeddingExtractor({ model: file, numThreads: threads, debug: false });
  rmSync(folder, { recursive: true });
  return (samples) => {
    const stream = extractor.createStream();
    stream.acceptWaveform({ sampleRate: 16_000, samples });
    stream.inputFinished();
    return extractor.compute(stream);
  };
}
