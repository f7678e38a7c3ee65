// Windows of 10 s through the segmentation network, ours beside onnxruntime-node in floats with the same weights, in turn,
// in one run. Prints milliseconds a window and ratios as min/median/max, by the clock and in CPU time of the process.
//   tsx measure/speed/segmentation.ts [--windows N] [--threads N] [--repeats N]
import { parseArgs } from 'node:util';
import { BUNDLED_SEGMENTATION_FOLDER, readSegmentation } from '../../src/model/index.js';
import { SegmentationModel } from '../../src/native/index.js';
import { fromFile, readAll } from '../../src/stream/index.js';
import { onnxSegmentation } from './peers.js';
import { record } from './results.js';
import { cpuMs, median, spread } from './statistics.js';

const { values } = parseArgs({
  options: {
    windows: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
    repeats: { type: 'string', default: '30' },
  },
});
const count = Number(values.windows);
const threads = Number(values.threads);
const SAMPLES = 160_000;

const weights = await readSegmentation(BUNDLED_SEGMENTATION_FOLDER);
const model = await SegmentationModel.fromWeights(weights, { engine: 'cpu', threads });
const ort = await onnxSegmentation(weights, threads);
const meeting = await readAll(fromFile('examples/audio/meeting.wav'));
const windows = Array.from({ length: count }, (_, i) => {
  const first = (i * 17_011) % (meeting.length - SAMPLES);
  return meeting.subarray(first, first + SAMPLES);
});
const joined = Float32Array.from(windows.flatMap((window) => [...window]));

const runners = {
  whospeaks: () => model.segment(windows),
  'onnxruntime-node': () => ort(joined, count),
};
type Name = keyof typeof runners;
const clock: Record<Name, number[]> = { whospeaks: [], 'onnxruntime-node': [] };
const cpu: Record<Name, number[]> = { whospeaks: [], 'onnxruntime-node': [] };
for (let i = -5; i < Number(values.repeats); i += 1) {
  for (const name of Object.keys(runners) as Name[]) {
    const start = performance.now();
    const cpuStart = cpuMs();
    await runners[name]();
    if (i < 0) continue;
    clock[name].push((performance.now() - start) / count);
    cpu[name].push((cpuMs() - cpuStart) / count);
  }
}

console.log(`${weights.name}, ${count} windows of 10 s at once, ${model.device}`);
for (const [unit, times] of [
  ['clock', clock],
  ['CPU time', cpu],
] as const) {
  console.log(`${unit}, ms a window, min / median / max`);
  for (const [name, list] of Object.entries(times)) console.log(`  ${name.padEnd(28)} ${spread(list)}`);
  const ratios = times.whospeaks.map((value, i) => value / times['onnxruntime-node'][i]!);
  console.log(`  ratio to onnxruntime-node    ${spread(ratios)}`);
  if (unit === 'CPU time' && count === 1 && threads === 1) record('segmentation', median(ratios));
}

const ours = await model.segment(windows);
const theirs = await ort(joined, count);
const flat = ours.flatMap(({ logProbabilities }) => [...logProbabilities]);
const difference = flat.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
console.log(`greatest difference of a log-probability ${difference.toExponential(1)}`);
model.close();
