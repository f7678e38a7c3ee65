import type { CanonicalModel } from '../model/types.js';
import { framesIn, msToSamples, WINDOW_FRAMES, WINDOW_MS } from '../stream/geometry.js';
import { chooseEngine, Engine, listEngines } from './engine.js';
import type { EngineName } from './engine-names.js';
import type { NativeEngineInfo } from './addon.js';
import { cosineSimilarity } from './vectors.js';

/** An engine must agree on each of them. */
const PARITY_FRAMES = [500, WINDOW_MS, 3000].map((ms) => framesIn(msToSamples(ms)));
/** Below it an engine is not the same network. */
const LEAST_COSINE = 0.9999;
const MOST_CHUNKS = 50;
const MOST_MS = 2000;

/** What the self-test found out about one engine. */
export interface EngineReport extends NativeEngineInfo {
  /** Least cosine of its embeddings with the cpu engine's; absent where it cannot be had. */
  readonly cosine?: number;
  /** Median time of one window of 1.5 s, alone, ms; absent where it cannot be had. */
  readonly chunkMs?: number;
}

export interface SelfTest {
  readonly engines: readonly EngineReport[];
  /** Every engine that can be had agrees with the cpu engine. */
  readonly agree: boolean;
  /** The fastest engine here that agrees with the cpu engine. */
  readonly recommended: string;
  /** What `engine: 'auto'` takes. */
  readonly automatic: string;
}

/**
 * Run `model` on every engine of this build, for some seconds, and compare. Rejects with `addon-missing`, and as
 * `Engine.create` does where an engine that is listed as there breaks.
 */
export async function selfTest(model: CanonicalModel): Promise<SelfTest> {
  const infos = listEngines();
  const engines: EngineReport[] = [];
  // The cpu engine comes first, and is what the others are compared with.
  let expected: readonly Float32Array[] | undefined;
  for (const info of infos) {
    if (info.reason !== '') {
      engines.push(info);
      continue;
    }
    const { embeddings, chunkMs, device } = await run(model, info.name as EngineName);
    expected ??= embeddings;
    const cosines = embeddings.map((embedding, i) => cosineSimilarity(embedding, expected![i]!));
    engines.push({ ...info, device, cosine: Math.min(...cosines), chunkMs });
  }
  const agreeing = engines.filter(({ cosine }) => cosine !== undefined && cosine >= LEAST_COSINE);
  const fastest = agreeing.sort((a, b) => a.chunkMs! - b.chunkMs!)[0];
  return {
    engines,
    agree: engines.every(({ cosine }) => cosine === undefined || cosine >= LEAST_COSINE),
    recommended: fastest?.name ?? 'cpu',
    automatic: chooseEngine(infos),
  };
}

async function run(
  model: CanonicalModel,
  name: EngineName,
): Promise<{ embeddings: Float32Array[]; chunkMs: number; device: string }> {
  const engine = await Engine.create(model, { engine: name });
  try {
    const embeddings: Float32Array[] = [];
    for (const frames of PARITY_FRAMES) {
      embeddings.push(await engine.embed(testFeatures(frames, engine.inputSize), frames));
    }
    return { embeddings, chunkMs: await medianMs(engine), device: engine.device };
  } finally {
    engine.close();
  }
}

async function medianMs(engine: Engine): Promise<number> {
  const features = testFeatures(WINDOW_FRAMES, engine.inputSize);
  const times: number[] = [];
  const start = performance.now();
  while (times.length < MOST_CHUNKS && (times.length < 3 || performance.now() - start < MOST_MS)) {
    const from = performance.now();
    await engine.embed(features, WINDOW_FRAMES);
    times.push(performance.now() - from);
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

/** Waves over time and frequency of the size of log-mel features; their mean over time is taken off. */
function testFeatures(frames: number, bins: number): Float32Array {
  const features = new Float32Array(frames * bins);
  for (let bin = 0; bin < bins; bin++) {
    const at = (frame: number): number =>
      4 * Math.sin(frame / (3 + (bin % 7))) + 2 * Math.cos((frame * bin) / 50);
    let mean = 0;
    for (let frame = 0; frame < frames; frame++) mean += at(frame) / frames;
    for (let frame = 0; frame < frames; frame++) features[frame * bins + bin] = at(frame) - mean;
  }
  return features;
}
