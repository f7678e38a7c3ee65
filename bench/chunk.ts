// One 1.5 s chunk through the same network, ours beside onnxruntime-node and sherpa-onnx-node, in turn, in one
// run: whatever else the machine does meets all of them. Prints milliseconds and ratios as min/median/max, by the
// clock and in CPU time of the process, which other programs disturb less.
//   tsx bench/chunk.ts [--model FILE] [--threads N] [--repeats N] [--no-sherpa]
import { parseArgs } from 'node:util';
import { readModel } from '../src/model/index.js';
import { cosineSimilarity, Engine, SpeakerModel } from '../src/native/index.js';
import { randomArray, randomModel, randomSource, RESNET34 } from '../test/native/random-model.js';
import { onnxRuntime, sherpaOnnx } from './peers.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    threads: { type: 'string', default: '1' },
    repeats: { type: 'string', default: '40' },
    'no-sherpa': { type: 'boolean', default: false },
  },
});
const threads = Number(values.threads);
const repeats = Number(values.repeats);
const FRAMES = 148;

const model = values.model === undefined ? randomModel(RESNET34) : await readModel(values.model);
const features = randomArray(FRAMES * model.config.featureSize, 2, randomSource(1));
const samples = randomArray(24_000, 0.1, randomSource(2));

const loading = performance.now();
const engine = await Engine.create(model, { engine: 'cpu', threads });
const loadMs = performance.now() - loading;
// Where the processor has no matrix unit there is no bf16 to measure.
const half = await Engine.create(model, { engine: 'cpu', threads, precision: 'bf16' }).catch(() => undefined);
const ours = await SpeakerModel.fromWeights(model, { engine: 'cpu', threads });
const ort = await onnxRuntime(model, threads);
const runners: Record<string, () => Promise<unknown>> = {
  whospeaks: () => engine.embed(features, FRAMES),
  ...(half === undefined ? {} : { 'whospeaks bf16': () => half.embed(features, FRAMES) }),
  'onnxruntime-node': () => ort(features, FRAMES, 1),
};
if (!values['no-sherpa']) {
  const sherpa = sherpaOnnx(model, threads);
  runners['whospeaks, audio in'] = () => ours.embed(samples, 16_000);
  runners['sherpa-onnx-node, audio in'] = async () => Promise.resolve(sherpa(samples));
}

const times = new Map(Object.keys(runners).map((name) => [name, [] as number[]]));
const cpuTimes = new Map(Object.keys(runners).map((name) => [name, [] as number[]]));
const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};
for (let i = -3; i < repeats; i += 1) {
  for (const [name, run] of Object.entries(runners)) {
    const start = performance.now();
    const cpuStart = process.cpuUsage();
    await run();
    if (i < 0) continue;
    times.get(name)!.push(performance.now() - start);
    cpuTimes.get(name)!.push(cpuMs(cpuStart));
  }
}

const spread = (list: readonly number[]): string => {
  const sorted = [...list].sort((a, b) => a - b);
  return [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!]
    .map((value) => value.toFixed(2))
    .join(' / ');
};
const ratios = (list: typeof times, name: string, other: string): number[] =>
  list.get(name)!.map((value, i) => value / list.get(other)![i]!);

const agreement = cosineSimilarity(await engine.embed(features, FRAMES), await ort(features, FRAMES, 1));
console.log(`${model.name}, ${FRAMES} frames, ${engine.device}, loaded in ${loadMs.toFixed(0)} ms`);
for (const [unit, list] of [
  ['clock', times],
  ['CPU time', cpuTimes],
] as const) {
  console.log(`${unit}, ms, min / median / max`);
  for (const [name, values] of list) console.log(`  ${name.padEnd(28)} ${spread(values)}`);
  console.log(`  ratio to onnxruntime-node    ${spread(ratios(list, 'whospeaks', 'onnxruntime-node'))}`);
  if (half !== undefined) {
    console.log(
      `  ratio of bf16 to it          ${spread(ratios(list, 'whospeaks bf16', 'onnxruntime-node'))}`,
    );
  }
  if (!values['no-sherpa']) {
    const toSherpa = ratios(list, 'whospeaks, audio in', 'sherpa-onnx-node, audio in');
    console.log(`  ratio to sherpa-onnx-node    ${spread(toSherpa)}`);
  }
}
console.log(`cosine with onnxruntime-node ${agreement.toFixed(7)}`);
engine.close();
half?.close();
ours.close();
