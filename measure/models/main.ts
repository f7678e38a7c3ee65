/**
 * What scores mean with models that came without a cohort and are measured at first use, beside the bundled one:
 *
 *   npm run accuracy -- --models [--audio DIR] [--dev DIR] [--first FILE] [--only verification] [--every N]
 *                       [--talk NAMES] [--also NAME=FILE]
 *                       [--cache DIR] [--docs PAGE]
 *
 * No setting differs from model to model. The voices are in no cohort: those of `--audio` (as for `npm run accuracy`) and of
 * `--dev` (`coswara/SPEAKER/*` and `arabiccommands/SPEAKER/*`). `--first` is the file of the project's first weights. `--every N` takes every
 * N-th of the thirty conversations of each half, `--talk rotated,first` those models alone whose names have one of the words: they are
 * the larger part of the work. `--also campplus=FILE` measures another model too, a published one (`test/onnxruntime/published_weights.py`
 * writes CAM++; it needs onnxruntime-node).
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from 'whospeaks';
import { Cache } from '../accuracy/embed.js';
import { studioKey } from '../accuracy/recordings.js';
import { hundredths, percent, table } from '../accuracy/table.js';
import { writeFigures } from '../write-figures.js';
import { conversations } from './conversations.js';
import { networks } from './networks.js';
import { ASKED, verification } from './trials.js';
import { voiceSets } from './voices.js';

const TRIALS_HEAD = [
  'voices',
  'model',
  'EER, %',
  'Cllr (least)',
  'ECE',
  ...ASKED.flatMap((rate) => [`accepted at ${percent(rate, 0)}`, 'missed, %']),
];
const CONVERSATIONS_HEAD = [
  'voices',
  'model',
  'identification error',
  'best baseline',
  'of it',
  'ECE',
];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      models: { type: 'boolean' },
      audio: { type: 'string', default: '../shared/audio' },
      dev: { type: 'string', default: '../shared/audio-dev' },
      first: { type: 'string', default: '../shared/models/model.safetensors' },
      cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
      only: { type: 'string' },
      every: { type: 'string', default: '3' },
      talk: { type: 'string', default: '' },
      also: { type: 'string', multiple: true, default: [] },
      docs: { type: 'string' },
    },
  });
  const began = performance.now();
  const progress = (what: string): void => {
    process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
  };
  const { audio } = values;
  const cache = new Cache(values.cache);
  const scratch = join(values.cache, 'models');
  mkdirSync(scratch, { recursive: true });
  const sets = await voiceSets(audio, values.dev, scratch);
  const trials: string[][] = [];
  const pairs = new Map<string, string>();
  const talks: string[][] = [];
  const others = values.also.map((given) => {
    const [name, ...path] = given.split('=');
    return { name: name!, path: path.join('=') };
  });
  for (const { name, path } of [...(await networks(values.first, scratch)), ...others]) {
    progress(name);
    const model = await loadModel(path);
    const key = await studioKey(model, audio);
    for (const set of sets) {
      const { halves } = set;
      const v = await verification(model, [...halves.tune, ...halves.report], cache, key);
      pairs.set(set.name, `${set.name} ${v.targets} and ${v.impostors}`);
      trials.push([
        set.name,
        name,
        hundredths(v.equalErrorRate),
        `${v.cost.toFixed(2)} (${v.leastCost.toFixed(2)})`,
        v.calibrationError.toFixed(3),
        ...ASKED.flatMap((_, i) => [hundredths(v.falseAccepts[i]!), hundredths(v.misses[i]!)]),
      ]);
      progress(trials.at(-1)!.join(' | '));
      const talked = values.talk.split(',').some((word) => name.includes(word));
      if (values.only === 'verification' || !talked) continue;
      const c = await conversations(model, set, { audio, cache, key, every: Number(values.every), progress });
      talks.push([
        `${set.name}: ${c.count}`,
        name,
        percent(c.errorRate),
        percent(c.bestErrorRate),
        (c.errorRate / c.bestErrorRate).toFixed(2),
        c.calibrationError.toFixed(3),
      ]);
      progress(talks.at(-1)!.join(' | '));
    }
    model.close();
  }
  const bySet = (rows: readonly string[][]): string[][] =>
    sets.flatMap(({ name }) => rows.filter(([set]) => set!.startsWith(name)));
  const parts = [
    `Pairs of one person and of two: ${[...pairs.values()].join('; ')}.\n\n${table(TRIALS_HEAD, bySet(trials))}`,
    table(CONVERSATIONS_HEAD, bySet(talks)),
  ];
  console.log(parts.join('\n\n'));
  if (values.docs === undefined) return;
  writeFigures(values.docs, 'trials', parts[0]!);
  if (talks.length > 0) writeFigures(values.docs, 'conversations', parts[1]!);
}
