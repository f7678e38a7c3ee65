// One 1.5 s chunk through the same network, ours beside onnxruntime-node and sherpa-onnx-node, in turn, in one
// run: whatever else the machine does meets all of them. Prints milliseconds and ratios as min/median/max, by the
// clock and in CPU time of the process, which other programs disturb less.
//   tsx measure/speed/chunk.ts [--model FILE] [--network NAME] [--threads N] [--repeats N] [--no-sherpa] [--record NAME]
// `--network` takes random weights of that shape: resnet34 (the default), resnet152, resnet221, resnet293, simam34,
// simam100. `--record NAME` keeps the medians of the ratios for the table of goals.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readModel } from '../../src/model/index.js';
import { cosineSimilarity, Engine, SpeakerModel } from '../../src/native/index.js';
import { normalize } from '../../src/native/vectors.js';
import { NETWORKS, randomArray, randomModel, randomSource } from '../random-model.js';
import { onnxRuntime, sherpaOnnx } from './peers.js';
import { record } from './results.js';
import { cpuMs, median, spread } from './statistics.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    network: { type: 'string', default: 'resnet34' },
    threads: { type: 'string', default: '1' },
    repeats: { type: 'string', default: '40' },
    'no-sherpa': { type: 'boolean', default: false },
    record: { type: 'string' },
  },
});
const threads = Number(values.threads);
const repeats = Number(values.repeats);
const FRAMES = 148;

const shape = NETWORKS[values.network];
if (shape === undefined)
  throw new Error(`no network ${values.network}; there are ${Object.keys(NETWORKS).join(', ')}`);
const model = values.model === undefined ? randomModel(shape) : await readModel(values.model);
const features = randomArray(FRAMES * model.config.featureSize, 2, randomSource(1));
const samples = randomArray(24_000, 0.1, randomSource(2));

const loading = performance.now();
const engine = await Engine.create(model, { engine: 'cpu', threads });
const loadMs = performance.now() - loading;
// What the processor cannot do fast is not there to be measured.
const reduced = new Map<string, Engine>();
for (const precision of ['bf16', 'int8'] as const) {
  const engine = await Engine.create(model, { engine: 'cpu', threads, precision }).catch(() => undefined);
  if (engine !== undefined) reduced.set(precision, engine);
}
const ours = await SpeakerModel.fromWeights(model, { engine: 'cpu', threads });
const ort = await onnxRuntime(model, threads);
const alone = threads > 1 ? await Engine.create(model, { engine: 'cpu', threads: 1 }) : undefined;
const runners: Record<string, () => Promise<unknown>> = {
  whospeaks: () => engine.embed(features, FRAMES),
  ...Object.fromEntries(
    [...reduced].map(([name, engine]) => [`whospeaks ${name}`, () => engine.embed(features, FRAMES)]),
  ),
  ...(alone === undefined ? {} : { 'whospeaks, one thread': () => alone.embed(features, FRAMES) }),
  'onnxruntime-node': () => ort(features, FRAMES, 1),
};
if (!values['no-sherpa']) {
  const sherpa = sherpaOnnx(model, threads);
  runners['whospeaks, audio in'] = () => ours.embed(samples, 16_000);
  runners['sherpa-onnx-node, audio in'] = async () => Promise.resolve(sherpa(samples));
}

const REST_MS = 100;
const times = new Map(Object.keys(runners).map((name) => [name, [] as number[]]));
const cpuTimes = new Map(Object.keys(runners).map((name) => [name, [] as number[]]));
for (let i = -3; i < repeats; i += 1) {
  for (const [name, run] of Object.entries(runners)) {
    // Helper threads of the one before spin for a while; on two cores they would take one from the next.
    if (threads > 1) await sleep(REST_MS);
    const start = performance.now();
    const cpuStart = cpuMs();
    await run();
    if (i < 0) continue;
    times.get(name)!.push(performance.now() - start);
    cpuTimes.get(name)!.push(cpuMs() - cpuStart);
  }
}

const ratios = (list: typeof times, name: string, other: string): number[] =>
  list.get(name)!.map((value, i) => value / list.get(other)![i]!);

console.log(`${model.name}, ${FRAMES} frames, ${engine.device}, built in ${loadMs.toFixed(0)} ms`);
for (const [unit, list] of [
  ['clock', times],
  ['CPU time', cpuTimes],
] as const) {
  console.log(`${unit}, ms, min / median / max`);
  for (const [name, values] of list) console.log(`  ${name.padEnd(28)} ${spread(values)}`);
  const toOrt = ratios(list, 'whospeaks', 'onnxruntime-node');
  console.log(`  ratio to onnxruntime-node    ${spread(toOrt)}`);
  // Other programs disturb the clock more.
  if (unit === 'CPU time' && values.record !== undefined) record(values.record, median(toOrt));
  for (const precision of reduced.keys()) {
    const toIt = ratios(list, `whospeaks ${precision}`, 'onnxruntime-node');
    console.log(`  ratio of ${precision} to it          ${spread(toIt)}`);
  }
  if (!values['no-sherpa']) {
    const toSherpa = ratios(list, 'whospeaks, audio in', 'sherpa-onnx-node, audio in');
    console.log(`  ratio to sherpa-onnx-node    ${spread(toSherpa)}`);
    if (unit === 'CPU time' && values.record === 'ort') record('sherpa', median(toSherpa));
  }
}
if (alone !== undefined) {
  const gain = ratios(times, 'whospeaks, one thread', 'whospeaks');
  console.log(`by the clock, one thread's time to that of ${threads}: ${spread(gain)}`);
  record('two threads', median(gain));
}

/** Both runtimes' embeddings of one window, and how far they are apart. */
let cosine = 1;
let difference = 0;
for (let frames = 10; frames <= 600; frames += 59) {
  const window = randomArray(frames * model.config.featureSize, 2, randomSource(frames));
  const a = normalize(await engine.embed(window, frames));
  const b = normalize((await ort(window, frames, 1)).slice());
  cosine = Math.min(cosine, cosineSimilarity(a, b));
  difference = a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), difference);
}
console.log(
  `10 to 600 frames: least cosine with onnxruntime-node ${cosine.toFixed(7)}, greatest difference of the normalised embeddings ${difference.toExponential(1)}`,
);
if (values.record === 'ort') {
  record('cosine', cosine);
  record('difference', difference);
}
engine.close();
for (const other of reduced.values()) other.close();
alone?.close();
ours.close();
