// Live streams that one core carries at a step of 0.5 s, ours and sherpa-onnx-node's, on real speech, with random
// weights of ResNet34; and how long after its last sample a window's events are there.
//   tsx measure/speed/streams.ts [--rounds N] [--seconds N] [--json FILE]      (best under: taskset -c 0)
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fromFile, readAll } from '../../src/stream/index.js';
import { SpeakerModel } from '../../src/native/index.js';
import type { Profile } from '../../src/speakers/index.js';
import { randomModel, randomSource, RESNET34, unitVector } from '../random-model.js';
import { halfSeconds, LiveStream, STEP_MS, STEP_SAMPLES, type StreamOptions } from './live-streams.js';
import { sherpaOnnx } from './peers.js';
import { record } from './results.js';
import { cpuMs, median, percentile } from './statistics.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '8' },
    json: { type: 'string' },
  },
});
const STEPS_A_ROUND = 12;
const SPEAKERS = 10;
const WINDOW_SAMPLES = 24_000;

const weights = randomModel(RESNET34);
const recording = await readAll(fromFile('examples/audio/meeting.wav'));
const fp32 = await SpeakerModel.fromWeights(weights, { engine: 'cpu', threads: 1 });
/** fp32, and what else this processor has. */
const models = new Map([['whospeaks', fp32]]);
for (const precision of ['bf16', 'int8'] as const) {
  const options = { engine: 'cpu', threads: 1, precision } as const;
  const model = await SpeakerModel.fromWeights(weights, options).catch(() => undefined);
  if (model !== undefined) models.set(`whospeaks ${precision}`, model);
}
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
function sherpa(): Driven {
  const compute = sherpaOnnx(weights, 1);
  const chunks = halfSeconds(recording, 0);
  const window = new Float32Array(WINDOW_SAMPLES);
  return {
    name: 'sherpa-onnx-node',
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
const reference = sherpa();
const driven = [
  reference,
  ours('whospeaks', { model: fp32, embedAll: true }),
  ours('whospeaks, silence not embedded', { model: fp32, embedAll: false }),
  ours('whospeaks, adaptive step to 1.5 s', { model: fp32, embedAll: false, windowing: adaptive }),
  ...[...models]
    .slice(1)
    .flatMap(([name, model]) => [
      ours(name, { model, embedAll: true }),
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
const base = costs.get(reference.name)!;
const rows = driven.map(({ name, share }) => {
  const list = costs.get(name)!;
  const ratio = median(list.map((cost, i) => base[i]! / cost));
  return { name, stepMs: median(list), streams: STEP_MS / median(list), ratio, share: share() };
});
console.log(
  `CPU time, all threads, of half a second of a live stream of speech (${SPEAKERS} speakers enrolled);`,
);
console.log('streams a core = 500 ms / that; the ratio is the median over rounds in which all take turns.\n');
console.log('| | windows embedded | CPU ms a step | streams a core | times sherpa-onnx-node |');
console.log('|---|---|---|---|---|');
for (const { name, stepMs, streams, ratio, share } of rows) {
  console.log(
    `| ${name} | ${(100 * share).toFixed(0)} % | ${stepMs.toFixed(2)} | ${streams.toFixed(1)} | ${ratio.toFixed(2)} |`,
  );
}
for (const [name, goal] of [
  ['whospeaks', 'streams fp32'],
  ['whospeaks, adaptive step to 1.5 s', 'streams adaptive'],
  ['whospeaks bf16', 'streams bf16'],
  ['whospeaks bf16, adaptive step to 1.5 s', 'streams bf16 adaptive'],
  ['whospeaks int8', 'streams int8'],
  ['whospeaks int8, adaptive step to 1.5 s', 'streams int8 adaptive'],
] as const) {
  const row = rows.find((one) => one.name === name);
  if (row !== undefined) record(goal, row.ratio);
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
for (const [name, model] of models) {
  const most = Math.max(1, Math.floor(0.8 * rows.find((row) => row.name === name)!.streams));
  for (const count of new Set([10, most])) {
    const list = await latencies(model, count);
    const times = [percentile(list, 0.5), percentile(list, 0.99)].map((ms) => ms.toFixed(0));
    const label = count === most ? `${count}, 80 % of the most` : String(count);
    console.log(`| ${name} | ${label} | ${times.join(' | ')} |`);
  }
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(rows));
for (const model of models.values()) model.close();
