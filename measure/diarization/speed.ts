/**
 * Speed and memory of `diarize` beside sherpa-onnx with the same two networks, each in a process of its own, in one run:
 *
 *   tsx measure/diarization/speed.ts FOLDER --python PYTHON [--threads 2] [--runs 3] [--model MODEL] [--docs PAGE]
 *
 * FOLDER holds recordings with their RTTM files. sherpa-onnx has the float segmentation network; the model is the bundled one
 * or a file. With `--own` it prints our own figures alone, as JSON: that is the process of ours.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SpeakerModel } from 'whospeaks';
import { table } from '../accuracy/table.js';
import { writeFigures } from '../write-figures.js';
import { referencesIn } from './recordings.js';
import { floatFile, sherpa, timesRealTime } from './systems.js';

interface Own {
  readonly times: number;
  readonly peakMiB: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    segmentation: { type: 'string', default: '../shared/models/segmentation-3.0.int8.onnx' },
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '3' },
    model: { type: 'string' },
    docs: { type: 'string' },
    own: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('usage: speed.ts FOLDER --python PYTHON');
const threads = Number(values.threads);

if (values.own) {
  const model = await SpeakerModel.fromPretrained(values.model, { threads });
  const times = await timesRealTime(referencesIn(folder), model);
  console.log(JSON.stringify({ times, peakMiB: process.resourceUsage().maxRSS / 1024 } satisfies Own));
  model.close();
} else {
  if (values.python === undefined)
    throw new Error('--python: a Python with the packages of requirements.txt');
  const references = referencesIn(folder);
  const peer = {
    python: values.python,
    segmentation: floatFile(values.python, values.segmentation),
    modelName: values.model,
    threads,
  };
  const self = [fileURLToPath(import.meta.url), folder, '--own', '--threads', String(threads)];
  const model = values.model === undefined ? [] : ['--model', values.model];
  const ours: Own[] = [];
  const theirs: Own[] = [];
  // In turn, so that what else the machine does falls on both.
  for (let run = 0; run < Number(values.runs); run++) {
    const text = execFileSync(process.execPath, ['--import', 'tsx', ...self, ...model], { encoding: 'utf8' });
    ours.push(JSON.parse(text) as Own);
    const { soundSeconds, workSeconds, peakMiB } = await sherpa(references, peer);
    theirs.push({ times: soundSeconds / workSeconds, peakMiB });
  }
  const row = (name: string, all: readonly Own[]): string[] => [
    name,
    best(all).toFixed(0),
    `${Math.max(...all.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`,
  ];
  const text = table(
    ['system', `times real time, ${threads} threads`, 'peak memory'],
    [row('diarize', ours), row('sherpa-onnx', theirs)],
  );
  console.log(`${text}\n\ndiarize is ${(best(ours) / best(theirs)).toFixed(1)} times as fast`);
  if (values.docs !== undefined) writeFigures(values.docs, 'speed', text);
}

/** The least disturbed run. */
function best(all: readonly Own[]): number {
  return Math.max(...all.map(({ times }) => times));
}
