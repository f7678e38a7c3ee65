/**
 * Speed and memory of `diarize` beside sherpa-onnx with the same two networks, each in a process of its own, in one run:
 *
 *   tsx measure/diarization/speed.ts FOLDER --python PYTHON [--cores 1,2] [--runs 3] [--model MODEL] [--docs PAGE]
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
    cores: { type: 'string', default: '1,2' },
    runs: { type: 'string', default: '3' },
    model: { type: 'string' },
    docs: { type: 'string' },
    own: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('usage: speed.ts FOLDER --python PYTHON');

if (values.own) {
  const threads = Number(values.cores);
  const model = await SpeakerModel.fromPretrained(values.model, { threads });
  const times = await timesRealTime(referencesIn(folder), model, threads);
  console.log(JSON.stringify({ times, peakMiB: process.resourceUsage().maxRSS / 1024 } satisfies Own));
  model.close();
} else {
  if (values.python === undefined)
    throw new Error('--python: a Python with the packages of requirements.txt');
  const { python, model: modelName } = values;
  const references = referencesIn(folder);
  const segmentation = floatFile(python, values.segmentation);
  const rows: string[][] = [];
  for (const cores of values.cores.split(',').map(Number)) {
    // Neither may take more: both have more threads than those that are asked for.
    const within = ['taskset', '--cpu-list', `0-${cores - 1}`];
    const self = [fileURLToPath(import.meta.url), folder, '--own', '--cores', String(cores)];
    const model = modelName === undefined ? [] : ['--model', modelName];
    const ours: Own[] = [];
    const theirs: Own[] = [];
    // In turn, so that what else the machine does falls on both.
    for (let run = 0; run < Number(values.runs); run++) {
      const [command, ...rest] = [...within, process.execPath, '--import', 'tsx', ...self, ...model];
      const text = execFileSync(command!, rest, { encoding: 'utf8' });
      ours.push(JSON.parse(text) as Own);
      const peer = await sherpa(references, { python, segmentation, modelName, threads: cores, within });
      theirs.push({ times: peer.soundSeconds / peer.workSeconds, peakMiB: peer.peakMiB });
    }
    for (const [name, all] of [
      ['diarize', ours],
      ['sherpa-onnx', theirs],
    ] as const) {
      rows.push([
        name,
        String(cores),
        best(all).toFixed(0),
        (best(all) / cores).toFixed(0),
        `${Math.max(...all.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`,
      ]);
    }
    console.error(`${cores} cores: diarize is ${(best(ours) / best(theirs)).toFixed(1)} times as fast`);
  }
  const text = table(
    ['system', 'cores', 'times real time', 'hours of sound an hour and core', 'peak memory'],
    rows,
  );
  console.log(text);
  if (values.docs !== undefined) writeFigures(values.docs, 'speed', text);
}

/** Of the least disturbed run. */
function best(all: readonly Own[]): number {
  return Math.max(...all.map(({ times }) => times));
}
