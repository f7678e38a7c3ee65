// What everything but the network costs: CPU time of each stage for half a second of sound, beside the time of
// the embedding that it feeds. Real speech, embeddings of the bundled model, its cohort, ten speakers enrolled.
//   tsx measure/speed/stages.ts [--rounds N]
import { parseArgs } from 'node:util';
import { FeatureExtractor, NeuralGate, Windower } from '../../src/fbank/index.js';
import {
  Engine,
  NativeGateNetwork,
  NativeLogMel,
  nativeFrontEnd,
  SpeakerModel,
} from '../../src/native/index.js';
import { readModel } from '../../src/model/index.js';
import { Framer, fromFile, readAll } from '../../src/stream/index.js';
import { StreamResampler } from '../../src/stream/resampler.js';
import type { FrameBlock } from '../../src/stream/types.js';
import { enroll, type Profile } from '../../src/speakers/index.js';
import { indexVoices, Tracker } from '../../src/tracker/index.js';
import { randomModel, randomSource, RESNET34, unitVector } from '../random-model.js';
import { halfSeconds, STEP_SAMPLES } from './live-streams.js';
import { record } from './results.js';
import { cpuMs, median } from './statistics.js';
import { shares } from './turns.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '12' } } });
const INPUT_HZ = 48_000;
const RESAMPLING = 'resampling from 48 kHz';
const FRAMES = 148;

const model = await SpeakerModel.fromPretrained(undefined, { engine: 'cpu', threads: 1 });
const recording = await readAll(fromFile('examples/audio/meeting.wav'));
const steps = Math.floor(recording.length / STEP_SAMPLES);
const tripled = Float32Array.from({ length: 3 * recording.length }, (_, i) => recording[Math.floor(i / 3)]!);
const speakers: Profile[] = [];
for (const name of ['alice', 'bob']) {
  speakers.push(await enroll(model, { name, sources: [fromFile(`examples/audio/${name}.wav`)] }));
}
const random = randomSource(5);
for (let i = 0; i < 8; i += 1) {
  speakers.push({ ...speakers[0]!, name: `speaker ${i}`, centroid: unitVector(random) });
}

/** What each stage is given: computed once. */
const chunks = halfSeconds(recording, 0);
const framer = new Framer();
const blocks = Array.from({ length: steps }, () => framer.push(chunks.next().value)).filter(
  (block): block is FrameBlock => block !== null,
);
const extractor = new FeatureExtractor(nativeFrontEnd);
const features = blocks.map((block) => extractor.push(block));
const windower = new Windower();
const windows = await Promise.all(
  features
    .flatMap((block) => windower.push(block))
    .map(async (window) => ({ ...window, ...(await model.embedWindow(window)) })),
);
const engines = [
  { name: 'ResNet34', key: 'resnet34', weights: randomModel(RESNET34) },
  { name: 'the bundled model', key: 'bundled', weights: await readModel('models') },
];
const input = windows.find(({ frames }) => frames === FRAMES)!.features;

let round = 0;
/** CPU ms a step: one number a round. */
const costs = new Map<string, number[]>();
async function measure(name: string, times: number, run: () => unknown): Promise<void> {
  const start = cpuMs();
  await run();
  if (round < 0) return;
  costs.set(name, [...(costs.get(name) ?? []), (cpuMs() - start) / times]);
}

const networks = await Promise.all(
  engines.map(async ({ weights }) => Engine.create(weights, { engine: 'cpu', threads: 1 })),
);
// The first rounds are for the compiler.
for (round = -3; round < Number(values.rounds); round += 1) {
  const resampler = await StreamResampler.create(INPUT_HZ);
  await measure(RESAMPLING, steps, () => {
    for (let i = 0; i < steps; i += 1) {
      resampler.push(tripled.subarray(3 * STEP_SAMPLES * i, 3 * STEP_SAMPLES * (i + 1)));
    }
  });
  resampler.free();
  await measure('frames', steps, () => {
    const again = new Framer();
    const source = halfSeconds(recording, 0);
    for (let i = 0; i < steps; i += 1) again.push(source.next().value);
  });
  const logMel = new NativeLogMel();
  await measure('log-mel features', steps, () => {
    for (const block of blocks) logMel.compute(block);
  });
  const gate = new NeuralGate(new NativeGateNetwork());
  await measure('speech gate', steps, () => {
    for (const block of features) gate.push(block.features, block.count);
  });
  const cutter = new Windower();
  await measure('windows', steps, () => {
    for (const block of features) cutter.push(block);
  });
  const tracker = new Tracker({ speakers, model, makeIndex: indexVoices });
  await measure('tracker', steps, () => {
    for (const window of windows) tracker.push(window);
  });
  for (const [i, network] of networks.entries()) {
    await measure(engines[i]!.name, 4, async () => {
      for (let k = 0; k < 4; k += 1) await network.embed(input, FRAMES);
    });
  }
}

const names = [...costs.keys()].filter((name) => !engines.some((engine) => engine.name === name));
/** CPU ms a step of these stages together: one number a round. */
const together = (stages: readonly string[]): number[] =>
  costs.get(stages[0]!)!.map((_, round) => stages.reduce((sum, name) => sum + costs.get(name)![round]!, 0));
/** With the name under which the share is kept. */
const totals = new Map([
  ['all of these, from 16 kHz', '16 kHz'],
  ['all of these, from 48 kHz', '48 kHz'],
]);
costs.set('all of these, from 16 kHz', together(names.filter((name) => name !== RESAMPLING)));
costs.set('all of these, from 48 kHz', together(names));
const header = ['CPU ms for half a second of sound', 'median'];
console.log(`| ${[...header, ...engines.map(({ name }) => `share of ${name}’s time`)].join(' | ')} |`);
console.log(`|${'---|'.repeat(header.length + engines.length)}`);
for (const name of [...names, ...totals.keys(), ...engines.map((engine) => engine.name)]) {
  const list = costs.get(name)!;
  const row = engines.map((engine) => {
    const share = 100 * median(shares(list, costs.get(engine.name)!));
    const kept = totals.get(name);
    if (kept !== undefined) record(`stages ${engine.key} ${kept}`, share);
    return `${share.toFixed(1)} %`;
  });
  console.log(`| ${[name, median(list).toFixed(2), ...row].join(' | ')} |`);
}
for (const network of networks) network.close();
model.close();
