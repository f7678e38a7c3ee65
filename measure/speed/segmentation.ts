// Windows of 10 s through the segmentation network, ours beside onnxruntime-node in floats with the same weights, in turn,
// in one run. Prints a table by the clock and in CPU time.
//   tsx measure/speed/segmentation.ts [--windows N] [--threads N] [--repeats N]
import { parseArgs } from 'node:util';
import { BUNDLED_SEGMENTATION_FOLDER, readSegmentation } from '../../src/model/index.js';
import { SegmentationModel } from '../../src/native/index.js';
import { fromFile, readAll } from '../../src/stream/index.js';
import { onnxSegmentation } from './peers.js';
import { record } from './results.js';
import { cpuShare, takeTurns, turnsTable } from './turns.js';

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
const times = await takeTurns(runners, { rounds: Number(values.repeats), warmUp: 5 });
console.log(
  `${weights.name}, ${count} windows of 10 s at once, ${model.device}; times are of all of them.\n`,
);
console.log(`${turnsTable(times, { whospeaks: 'onnxruntime-node' })}\n`);
if (count === 1 && threads === 1) record('segmentation', cpuShare(times, 'whospeaks', 'onnxruntime-node'));

const ours = await model.segment(windows);
const theirs = await ort(joined, count);
const flat = ours.flatMap(({ logProbabilities }) => [...logProbabilities]);
const difference = flat.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
console.log(`Greatest difference of a log-probability: ${difference.toExponential(1)}.`);
model.close();
