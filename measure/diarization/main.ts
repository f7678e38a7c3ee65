/**
 * Who spoke when, of whole recordings, beside the live tracker and sherpa-onnx with the same two networks:
 *
 *   npm run accuracy -- --recordings DIR [--recordings DIR2] [--only ours] [--settings JSON] [--cache DIR]
 *                       [--references RTTMS] [--uem UEMS] [--microphone NAME]
 *                       [--python PYTHON --segmentation INT8.onnx] [--every N] [--docs PAGE]
 *
 * A DIR holds pairs of NAME.wav (flac, mp3, ...) and NAME.rttm, or is a public download (docs/public-protocols.md). `--settings` overrides
 * those of src/clustering/settings.ts; sherpa-onnx is run where `--python` has it (measure/diarization/requirements.txt).
 */
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from 'whospeaks';
import { DIARIZATION, type DiarizationSettings } from '../../src/clustering/settings.js';
import { codeFingerprint, Cache } from '../accuracy/embed.js';
import { hundredths, table } from '../accuracy/table.js';
import { writeFigures } from '../write-figures.js';
import { referencesIn } from './recordings.js';
import { scoreOf, type Answer, type DiarizationScore } from './score.js';
import {
  diarizeHeard,
  floatFile,
  hearAll,
  HEARING_CODE,
  listen,
  sherpa,
  timesRealTime,
  trueCount,
} from './systems.js';

const HEAD = [
  'recordings',
  'system',
  'DER',
  'miss',
  'false alarm',
  'confusion',
  'DER, collar',
  'JER',
  'speakers right',
];
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      recordings: { type: 'string', multiple: true, default: [] },
      references: { type: 'string' },
      uem: { type: 'string' },
      microphone: { type: 'string' },
      model: { type: 'string' },
      only: { type: 'string' },
      settings: { type: 'string', multiple: true, default: ['{}'] },
      cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
      python: { type: 'string' },
      segmentation: { type: 'string', default: '../shared/models/segmentation-3.0.int8.onnx' },
      threads: { type: 'string', default: '1' },
      docs: { type: 'string' },
      every: { type: 'string', default: '1' },
      files: { type: 'boolean', default: false },
    },
  });
  const model = await loadModel(values.model);
  const cache = new Cache(values.cache);
  const code = codeFingerprint(HEARING_CODE);
  const rows: string[][] = [];
  const add = (folder: string, system: string, answers: readonly Answer[]): void => {
    rows.push([basename(folder), system, ...cells(scoreOf(answers))]);
    if (!values.files) return;
    for (const answer of answers) rows.push([answer.reference.id, system, ...cells(scoreOf([answer]))]);
  };
  for (const folder of values.recordings) {
    const references = referencesIn(folder, values).filter((_, i) => i % Number(values.every) === 0);
    if (values.only === 'speed') {
      console.log(
        `diarize on ${basename(folder)}: ${(await timesRealTime(references, model)).toFixed(0)} times real time`,
      );
      continue;
    }
    for (const text of values.settings) {
      const settings: DiarizationSettings = { ...DIARIZATION, ...(JSON.parse(text) as object) };
      const heard = await hearAll(references, model, settings, cache, code);
      const name = text === '{}' ? 'diarize' : `diarize ${text}`;
      const answers = await diarizeHeard(references, heard, model, settings);
      add(folder, name, answers);
      if (values.only === 'ours') continue;
      add(
        folder,
        `${name}, true number of speakers`,
        await diarizeHeard(references, heard, model, settings, { count: trueCount }),
      );
    }
    if (values.only === 'ours') continue;
    if (values.only !== 'sherpa') {
      const heardLive = await cache.get(['live', model.fingerprint, references], () =>
        listen(references, model),
      );
      add(folder, 'listen', heardLive);
    }
    if (values.python === undefined) continue;
    for (const [name, segmentation] of [
      ['sherpa-onnx, int8', values.segmentation],
      ['sherpa-onnx, float', floatFile(values.python, values.segmentation)],
    ] as const) {
      const { python, model: modelName, threads } = values;
      const peer = { python, segmentation, modelName, threads: Number(threads) };
      const run = await cache.get(['sherpa', name, model.fingerprint, references], () =>
        sherpa(references, peer),
      );
      add(folder, name, run.answers);
      const times = run.soundSeconds / run.workSeconds;
      console.error(
        `${name} on ${basename(folder)}: ${times.toFixed(0)} times real time, ${run.peakMiB.toFixed(0)} MiB`,
      );
    }
  }
  const text = table(HEAD, rows);
  console.log(text);
  if (values.docs !== undefined) writeFigures(values.docs, 'figures', text);
  model.close();
}

function cells({ exact, collar, jaccard, countRight, recordings }: DiarizationScore): string[] {
  const share = (seconds: number): string => hundredths(seconds / exact.totalSeconds);
  return [
    hundredths(exact.rate),
    share(exact.missSeconds),
    share(exact.falseAlarmSeconds),
    share(exact.confusionSeconds),
    hundredths(collar.rate),
    hundredths(jaccard),
    `${countRight} of ${recordings}`,
  ];
}
