// What the time of the cpu engine depends on: the length of a chunk, the batch, the number of enrolled speakers (of
// the tracker); and the memory of a process that holds one model. ResNet34 with random weights, one thread.
//   tsx measure/speed/costs.ts [--repeats N]
import { parseArgs } from 'node:util';
import { Engine } from '../../src/native/index.js';
import { normalize } from '../../src/native/vectors.js';
import { indexVoices, Tracker } from '../../src/tracker/index.js';
import { randomArray, randomModel, randomSource, RESNET34, unitVector } from '../random-model.js';
import { toOnnx } from './onnx-model.js';
import { onnxRuntime } from './peers.js';
import { STEP_SAMPLES } from './live-streams.js';
import { cpuMs, median } from './statistics.js';

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '9' } } });
const repeats = Number(values.repeats);
const SECONDS = [0.5, 1.5, 10];
const BATCHES = [1, 8];
const SPEAKERS = [1, 100, 10_000, 100_000];
const STEPS = 40;

const rss = (): number => process.memoryUsage.rss() / 1e6;
const before = rss();
const model = randomModel(RESNET34);
const engine = await Engine.create(model, { engine: 'cpu', threads: 1 });
const random = randomSource(1);
const features = (frames: number, batch = 1): Float32Array => randomArray(batch * frames * 80, 2, random);
await engine.embed(features(148), 148);
const loaded = rss();
const ort = await onnxRuntime(toOnnx(model), 1);
await ort(features(148), 148, 1);
const peer = rss();

async function cost(run: () => Promise<unknown>): Promise<number> {
  const start = cpuMs();
  await run();
  return cpuMs() - start;
}

console.log('| chunk | whospeaks, CPU ms | onnxruntime-node | ratio, median |');
console.log('|---|---|---|---|');
for (const seconds of SECONDS) {
  const frames = Math.floor((seconds * 16_000 - 400) / 160) + 1;
  const input = features(frames);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = -1; i < repeats; i += 1) {
    const a = await cost(() => engine.embed(input, frames));
    const b = await cost(() => ort(input, frames, 1));
    if (i < 0) continue;
    ours.push(a);
    theirs.push(b);
  }
  const ratio = median(ours.map((ms, i) => ms / theirs[i]!));
  console.log(
    `| ${seconds} s | ${median(ours).toFixed(1)} | ${median(theirs).toFixed(1)} | ${ratio.toFixed(2)} |`,
  );
}

console.log('\n| batch of 1.5 s chunks | whospeaks, CPU ms a chunk | onnxruntime-node |');
console.log('|---|---|---|');
for (const batch of BATCHES) {
  const input = features(148, batch);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = -1; i < Math.ceil(repeats / 2); i += 1) {
    const a = (await cost(() => engine.embed(input, 148, batch))) / batch;
    const b = (await cost(() => ort(input, 148, batch))) / batch;
    if (i < 0) continue;
    ours.push(a);
    theirs.push(b);
  }
  console.log(`| ${batch} | ${median(ours).toFixed(1)} | ${median(theirs).toFixed(1)} |`);
}
engine.close();

const identity = {
  name: 'm',
  fingerprint: 'f',
  cohort: Array.from({ length: 300 }, () => unitVector(random)),
};
console.log('\n| speakers enrolled | tracker, CPU ms a window |');
console.log('|---|---|');
for (const count of SPEAKERS) {
  const speakers = Array.from({ length: count }, (_, i) => ({
    name: `speaker ${i}`,
    model: identity,
    dimension: 256,
    centroid: unitVector(random),
    exemplars: [],
    speechSeconds: 10,
    recordings: 1,
    consistency: 0.8,
  }));
  const tracker = new Tracker({ speakers, model: identity, makeIndex: indexVoices });
  const speech = new Uint8Array(50).fill(1);
  const start = cpuMs();
  for (let i = 0; i < STEPS; i += 1) {
    // Somebody enrolled, with noise; another every 8 windows.
    const centroid = speakers[(i >> 3) % count]!.centroid;
    const noise = unitVector(random);
    const mixed = normalize(centroid.map((value, k) => 0.8 * value + 0.6 * noise[k]!));
    const startSample = i * STEP_SAMPLES;
    tracker.push({
      startSample: Math.max(0, startSample - 16_000),
      endSample: startSample + STEP_SAMPLES,
      speechRatio: 1,
      embedding: mixed,
      step: { startSample, endSample: startSample + STEP_SAMPLES, speech },
    });
  }
  console.log(`| ${count} | ${((cpuMs() - start) / STEPS).toFixed(2)} |`);
}

console.log(
  `\nResident memory of the network after one chunk: ${(loaded - before).toFixed(0)} MB, onnxruntime-node ${(peer - loaded).toFixed(0)} MB.`,
);
