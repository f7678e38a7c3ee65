// Live streams that one core carries at a step of 0.5 s, ours and sherpa-onnx-node's, on real speech, with random
// weights of ResNet34 or with `--model`; and how long after its last sample a window's events are there. What is
// measured is kept under names that begin with NAME.
//   tsx measure/speed/streams.ts [--model FOLDER] [--rounds N] [--seconds N] [--audio DIR] [--record NAME]
// Best under: taskset -c 0
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fromFile, readAll } from '../../src/stream/index.js';
import { readModel } from '../../src/model/index.js';
import { SpeakerModel } from '../../src/native/index.js';
import type { Profile } from '../../src/speakers/index.js';
import { randomModel, randomSource, RESNET34, unitVector } from '../random-model.js';
import { halfSeconds, LiveStream, STEP_MS, STEP_SAMPLES, type StreamOptions } from './live-streams.js';
import { toOnnx } from './onnx-model.js';
import { sherpaOnnx } from './peers.js';
import { available } from './precisions.js';
import { speechWindows } from './quantised/calibration.js';
import { quantise } from './quantised/quantise.js';
import { record } from './results.js';
import { cpuMs, median, percentile } from './statistics.js';
import { shares } from './turns.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '8' },
    model: { type: 'string' },
    audio: { type: 'string', default: '../shared/audio' },
    record: { type: 'string' },
  },
});
const STEPS_A_ROUND = 12;
const SPEAKERS = 10;
const WINDOW_SAMPLES = 24_000;

const keep = (name: string, value: number): void => {
  if (values.record !== undefined) record(`${values.record} ${name}`, value);
};

const weights = values.model === undefined ? randomModel(RESNET34) : await readModel(values.model);
const recording = await readAll(fromFile('examples/audio/meeting.wav'));
const fp32 = await SpeakerModel.fromWeights(weights, { engine: 'cpu', threads: 1 });
const reduced = await available((precision) =>
  SpeakerModel.fromWeights(weights, { engine: 'cpu', threads: 1, precision }),
);
const models: readonly (readonly [name: string, precision: string, model: SpeakerModel])[] = [
  ['whospeaks', 'fp32', fp32],
  ...[...reduced].map(([precision, model]) => [`whospeaks ${precision}`, precision, model] as const),
];
const random = randomSource(5);
const identity = {
  name: fp32.name,
  fingerprint: fp32.fingerprint,
  cohort: Array.from({ length: 300 }, () => unitVector(random)),
};
const speakers = Array.from({ length: SPEAKERS }, (_, i): Profile => ({
  name: `speaker ${i}`,
  model: identity,
  dimension: 256,
  centroid: unitVector(random),
  exemplars: [],
  speechSeconds: 10,
  recordings: 1,
  consistency: 0.8,
}));
/** A stream that is driven by hand: `step` takes half a second and resolves with CPU ms. */
interface Driven {
  readonly name: string;
  readonly step: () => Promise<number>;
  readonly share: () => number;
}
function ours(name: string, options: Omit<StreamOptions, 'speakers' | 'identity'>): Driven {
  const stream = new LiveStream({ ...options, speakers, identity });
  const chunks = halfSeconds(recording, 0);
  return {
    name,
    step: async () => {
      const start = cpuMs();
      await stream.push(chunks.next().value);
      return cpuMs() - start;
    },
    share: () => stream.embedded / stream.windows,
  };
}
function sherpa(name: string, network: Uint8Array): Driven {
  const compute = sherpaOnnx(network, 1);
  const chunks = halfSeconds(recording, 0);
  const window = new Float32Array(WINDOW_SAMPLES);
  return {
    name,
    step: () => {
      const start = cpuMs();
      window.copyWithin(0, STEP_SAMPLES);
      window.set(chunks.next().value.samples, WINDOW_SAMPLES - STEP_SAMPLES);
      compute(window);
      return Promise.resolve(cpuMs() - start);
    },
    share: () => 1,
  };
}

const adaptive = { maxStepMs: 1500 };
const network = toOnnx(weights);
const { calibration } = await speechWindows(values.audio);
const reference = sherpa('sherpa-onnx-node', network);
const reference8 = sherpa('sherpa-onnx-node int8', quantise(network, calibration).file);
const driven = [
  reference,
  reference8,
  ...models.flatMap(([name, , model]) => [
    ours(name, { model, embedAll: true }),
    ours(`${name}, silence not embedded`, { model, embedAll: false }),
    ours(`${name}, adaptive step to 1.5 s`, { model, embedAll: false, windowing: adaptive }),
  ]),
];
for (const { step } of driven) for (let i = 0; i < 4; i += 1) await step();
/** Mean CPU ms of a step, one a round; all take turns. */
const costs = new Map(driven.map(({ name }) => [name, [] as number[]]));
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const { name, step } of driven) {
    let sum = 0;
    for (let i = 0; i < STEPS_A_ROUND; i += 1) sum += await step();
    costs.get(name)!.push(sum / STEPS_A_ROUND);
  }
}
/** How many of ours one core carries for each of the other's: the median over rounds. */
const times = (name: string, other: Driven): number =>
  median(shares(costs.get(other.name)!, costs.get(name)!));
const streamsOf = (name: string): number => STEP_MS / median(costs.get(name)!);
console.log(
  `${weights.name}: CPU time, all threads, of half a second of a live stream of speech (${SPEAKERS} speakers enrolled);`,
);
console.log('streams a core = 500 ms / that; the ratios are medians over rounds in which all take turns.\n');
console.log(
  `| | windows embedded | CPU ms a step | streams a core | times ${reference.name} | times ${reference8.name} |`,
);
console.log('|---|---|---|---|---|---|');
for (const { name, share } of driven) {
  const cells = [
    `${(100 * share()).toFixed(0)} %`,
    median(costs.get(name)!).toFixed(2),
    streamsOf(name).toFixed(1),
    times(name, reference).toFixed(2),
    times(name, reference8).toFixed(2),
  ];
  console.log(`| ${[name, ...cells].join(' | ')} |`);
  keep(`a core: ${name}`, streamsOf(name));
}
for (const [name, precision] of models) {
  keep(precision, times(name, reference));
  keep(`${precision} adaptive`, times(`${name}, adaptive step to 1.5 s`, reference));
  if (precision !== 'fp32') keep(`${precision} to int8`, times(name, reference8));
}
console.log();

/** Milliseconds from a window's last sample to its events, at the pace of live sound. */
async function latencies(model: SpeakerModel, count: number): Promise<number[]> {
  const list: number[] = [];
  const one = async (index: number): Promise<void> => {
    const stream = new LiveStream({ model, speakers, identity, embedAll: true });
    const chunks = halfSeconds(recording, index * 12_345);
    const start = performance.now() + (index * STEP_MS) / count;
    const steps = Number(values.seconds) * 2;
    for (let i = 0; i < steps; i += 1) {
      const due = start + i * STEP_MS;
      await sleep(Math.max(0, due - performance.now()));
      await stream.push(chunks.next().value);
      // The first windows fill up.
      if (i >= 3) list.push(performance.now() - due);
    }
  };
  await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
  return list;
}
console.log(
  'Milliseconds from the last sample of a window to its events, every window embedded, one thread:\n',
);
console.log('| | streams | p50 | p99 |');
console.log('|---|---|---|---|');
for (const [name, precision, model] of models) {
  const most = Math.max(1, Math.floor(0.8 * streamsOf(name)));
  for (const count of new Set([10, most])) {
    const list = await latencies(model, count);
    const times = [percentile(list, 0.5), percentile(list, 0.99)].map((ms) => ms.toFixed(0));
    const label = count === most ? `${count}, 80 % of the most` : String(count);
    console.log(`| ${name} | ${label} | ${times.join(' | ')} |`);
    if (count === most) keep(`${precision} p99`, percentile(list, 0.99));
  }
}
for (const [, , model] of models) model.close();
