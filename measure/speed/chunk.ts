// One 1.5 s chunk through the same network, ours beside onnxruntime-node and sherpa-onnx-node, in fp32 and in 8 bits, in
// turn, in one run. Prints a table by the clock and in CPU time, and how near the embeddings are.
//   tsx measure/speed/chunk.ts [--model FILE] [--network NAME] [--threads N] [--repeats N] [--audio DIR] [--record NAME]
// `--network` takes random weights of that shape: resnet34 (the default), resnet152, resnet221, resnet293, simam34,
// simam100. `--record NAME` keeps the medians of the shares for the table of goals, their names beginning with NAME.
import { parseArgs } from 'node:util';
import { readModel } from '../../src/model/index.js';
import { cosineSimilarity, Engine, SpeakerModel } from '../../src/native/index.js';
import { normalize } from '../../src/native/vectors.js';
import { SAMPLE_RATE_HZ, WINDOW_FRAMES } from '../../src/stream/geometry.js';
import { NETWORKS, randomArray, randomModel, randomSource } from '../random-model.js';
import { toOnnx } from './onnx-model.js';
import { onnxRuntime, sherpaOnnx, type Peer } from './peers.js';
import { available } from './precisions.js';
import { speechWindows } from './quantised/calibration.js';
import { quantise } from './quantised/quantise.js';
import { record } from './results.js';
import { median } from './statistics.js';
import { cpuShare, shares, takeTurns, turnsTable } from './turns.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    network: { type: 'string', default: 'resnet34' },
    threads: { type: 'string', default: '1' },
    repeats: { type: 'string', default: '40' },
    audio: { type: 'string', default: '../shared/audio' },
    record: { type: 'string' },
  },
});
const threads = Number(values.threads);
const keep = (name: string, value: number): void => {
  if (values.record !== undefined) record(`${values.record} ${name}`, value);
};

const shape = NETWORKS[values.network];
if (shape === undefined)
  throw new Error(`no network ${values.network}; there are ${Object.keys(NETWORKS).join(', ')}`);
const model = values.model === undefined ? randomModel(shape) : await readModel(values.model);
const { calibration, check } = await speechWindows(values.audio);
const features = check[0]!;
const samples = randomArray(1.5 * SAMPLE_RATE_HZ, 0.1, randomSource(2));

const loading = performance.now();
const engine = await Engine.create(model, { engine: 'cpu', threads });
const loadMs = performance.now() - loading;
const reduced = await available((precision) => Engine.create(model, { engine: 'cpu', threads, precision }));
const alone = threads > 1 ? await Engine.create(model, { engine: 'cpu', threads: 1 }) : undefined;
const ours = await SpeakerModel.fromWeights(model, { engine: 'cpu', threads });
const file = toOnnx(model);
const int8 = quantise(file, calibration);
const ort = await onnxRuntime(file, threads);
const ort8 = await onnxRuntime(int8.file, threads);
const sherpa = sherpaOnnx(file, threads);
const sherpa8 = sherpaOnnx(int8.file, threads);

const ORT = 'onnxruntime-node';
const SHERPA = 'sherpa-onnx-node, audio in';
/** Whose time each is compared with: in reduced precision, the peer's best of those. */
const peers: Record<string, string> = { whospeaks: ORT, 'whospeaks, audio in': SHERPA };
const runners: Record<string, () => Promise<unknown>> = {
  whospeaks: () => engine.embed(features, WINDOW_FRAMES),
};
for (const [precision, engine] of reduced) {
  runners[`whospeaks ${precision}`] = () => engine.embed(features, WINDOW_FRAMES);
  peers[`whospeaks ${precision}`] = `${ORT} int8`;
}
if (alone !== undefined) runners['whospeaks, one thread'] = () => alone.embed(features, WINDOW_FRAMES);
runners[ORT] = () => ort(features, WINDOW_FRAMES, 1);
runners[`${ORT} int8`] = () => ort8(features, WINDOW_FRAMES, 1);
runners['whospeaks, audio in'] = () => ours.embed(samples, SAMPLE_RATE_HZ);
runners[SHERPA] = async () => Promise.resolve(sherpa(samples));
runners['sherpa-onnx-node int8, audio in'] = async () => Promise.resolve(sherpa8(samples));

// Helper threads of the one before spin for a while; on two cores they would take one from the next.
const restMs = threads > 1 ? 100 : 0;
const times = await takeTurns(runners, { rounds: Number(values.repeats), restMs });
console.log(`${model.name}, ${WINDOW_FRAMES} frames, ${engine.device}, built in ${loadMs.toFixed(0)} ms.\n`);
console.log(`${turnsTable(times, peers)}\n`);
keep('fp32', cpuShare(times, 'whospeaks', ORT));
for (const precision of reduced.keys())
  keep(precision, cpuShare(times, `whospeaks ${precision}`, `${ORT} int8`));
keep('sherpa', cpuShare(times, 'whospeaks, audio in', SHERPA));
if (alone !== undefined) {
  const gain = shares(times.get('whospeaks, one thread')!.clockMs, times.get('whospeaks')!.clockMs);
  console.log(`By the clock, one thread takes ${median(gain).toFixed(2)} times as long as ${threads}.\n`);
  keep('gain', median(gain));
}

/** Least cosine with our own in fp32, and the mean, over speech that nothing was calibrated on. */
async function likeness(embed: Peer): Promise<string> {
  const cosines: number[] = [];
  for (const window of check) {
    const own = normalize(await engine.embed(window, WINDOW_FRAMES));
    cosines.push(cosineSimilarity(own, normalize((await embed(window, WINDOW_FRAMES, 1)).slice())));
  }
  const mean = cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
  return `${Math.min(...cosines).toFixed(5)}, mean ${mean.toFixed(5)}`;
}
console.log(`Least cosine with whospeaks in fp32, ${check.length} windows of speech:\n`);
for (const [precision, engine] of reduced)
  console.log(
    `- whospeaks ${precision}: ${await likeness((window, frames) => engine.embed(window, frames))}`,
  );
console.log(`- ${ORT} int8: ${await likeness(ort8)}; ${int8.report}\n`);

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
  `In fp32, 10 to 600 frames: least cosine with ${ORT} ${cosine.toFixed(7)}, greatest difference of the normalised embeddings ${difference.toExponential(1)}.`,
);
keep('cosine', cosine);
keep('difference', difference);
for (const each of [engine, ...reduced.values(), alone, ours]) each?.close();
