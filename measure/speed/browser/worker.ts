/**
 * One window of the bundled network in our core and in onnxruntime-web, in turn, in one worker of one page. Built with the
 * worker's own seams by main.ts.
 */
import * as ort from 'onnxruntime-web/wasm';
import type { CoreUrls } from '../../../src/browser/engine/start-core.js';
import { loadCore } from '../../../src/browser/platform/load-addon.js';
import { Engine } from '../../../src/native/engine.js';
import type { CanonicalModel } from '../../../src/model/types.js';

/** What the page sends. */
export interface NetworkTask {
  readonly assets: CoreUrls;
  readonly ortFolder: string;
  readonly model: CanonicalModel;
  readonly onnx: Uint8Array;
  readonly features: Float32Array;
  readonly frames: number;
  readonly repeats: number;
}
/** Ms of each run, and how alike the embeddings are. */
export interface NetworkTimes {
  readonly own: readonly number[];
  readonly peer: readonly number[];
  readonly cosine: number;
}

async function measure(task: NetworkTask): Promise<NetworkTimes> {
  const { assets, ortFolder, model, onnx, features, frames, repeats } = task;
  await loadCore(assets);
  const engine = await Engine.create(model);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = ortFolder;
  const session = await ort.InferenceSession.create(onnx, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  const feeds = { feats: new ort.Tensor('float32', features, [1, frames, model.config.featureSize]) };
  const own = (): Promise<Float32Array> => engine.embed(features, frames);
  const peer = async (): Promise<Float32Array> => (await session.run(feeds))['embs']!.data;
  const cosine = cosineOf(await own(), await peer());
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < repeats; i++) {
    for (const [k, run] of [own, peer].entries()) {
      const start = performance.now();
      await run();
      times[k]!.push(performance.now() - start);
    }
  }
  engine.close();
  return { own: times[0], peer: times[1], cosine };
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

globalThis.onmessage = ({ data }: MessageEvent<NetworkTask>) => {
  measure(data).then(
    (times) => {
      globalThis.postMessage(times);
    },
    (error: unknown) => {
      globalThis.postMessage(String(error));
    },
  );
};
