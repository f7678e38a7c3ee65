// Measures the networks that our engines run, beside onnxruntime-node on the same network in fp32 and in 8 bits, and
// writes the table of docs/models.md. Random weights take as long as others. The peers must be there: see main.ts.
//   npm run bench:networks [-- --repeats N] [--audio DIR] [--print] [--only NAME]
// `--print` and `--only` write nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countMultiplyAdds, countParameters, KNOWN_MODELS } from '../../src/model/index.js';
import { Engine } from '../../src/native/index.js';
import { WINDOW_FRAMES } from '../../src/stream/geometry.js';
import { cosine, NETWORKS, randomModel } from '../random-model.js';
import { toOnnx } from './onnx-model.js';
import { onnxRuntime } from './peers.js';
import { available } from './precisions.js';
import { speechWindows } from './quantised/calibration.js';
import { quantise } from './quantised/quantise.js';
import { median } from './statistics.js';
import { takeTurns } from './turns.js';

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '8' },
    only: { type: 'string' },
    audio: { type: 'string', default: '../shared/audio' },
    print: { type: 'boolean', default: false },
  },
});
const DOCUMENT = fileURLToPath(new URL('../../docs/models.md', import.meta.url));
const MARKS = [
  '<!-- networks: begin, npm run bench:networks writes this -->',
  '<!-- networks: end -->',
] as const;

/** The bundled network, and the first known model of each other shape. */
const NAME_OF: Readonly<Record<string, string>> = {
  bundled: '',
  resnet34: 'wespeaker-voxceleb-resnet34-LM',
  resnet152: 'wespeaker-voxceleb-resnet152-LM',
  resnet221: 'wespeaker-voxceleb-resnet221-LM',
  resnet293: 'wespeaker-voxceleb-resnet293-LM',
  simam34: 'wespeaker-voxblink2-samresnet34',
};

/** By the names of the table's columns. */
type Speed = ReadonlyMap<string, number>;
const { calibration, check } = await speechWindows(values.audio);
const features = check[0]!;

/** Medians of ms for a window, in turn, one thread each; what both give in fp32 is compared first. */
async function measure(name: string): Promise<Speed> {
  const model = randomModel(NETWORKS[name]!);
  const engine = await Engine.create(model, { engine: 'cpu', threads: 1 });
  const reduced = await available((precision) =>
    Engine.create(model, { engine: 'cpu', threads: 1, precision }),
  );
  const file = toOnnx(model);
  const int8 = quantise(file, calibration);
  const peer = await onnxRuntime(file, 1);
  const peer8 = await onnxRuntime(int8.file, 1);
  const likeness = cosine(
    await engine.embed(features, WINDOW_FRAMES),
    await peer(features, WINDOW_FRAMES, 1),
  );
  if (!(likeness > 0.9999)) throw new Error(`${name}: cosine with onnxruntime-node ${likeness}`);
  const runners: Record<string, () => Promise<unknown>> = {
    whospeaks: () => engine.embed(features, WINDOW_FRAMES),
  };
  for (const [precision, engine] of reduced)
    runners[`whospeaks ${precision}`] = () => engine.embed(features, WINDOW_FRAMES);
  runners['onnxruntime-node'] = () => peer(features, WINDOW_FRAMES, 1);
  runners['onnxruntime-node int8'] = () => peer8(features, WINDOW_FRAMES, 1);
  const times = await takeTurns(runners, { rounds: Number(values.repeats), warmUp: 1 });
  for (const each of [engine, ...reduced.values()]) each.close();
  const speed = new Map([...times].map(([name, { clockMs }]) => [name, median(clockMs)]));
  const { config } = model;
  console.log(
    `${name}: ${(countParameters(config) / 1e6).toFixed(2)} M parameters, ` +
      `${(countMultiplyAdds(config, WINDOW_FRAMES) / 1e9).toFixed(2)} G multiply-adds, ` +
      [...speed].map(([name, ms]) => `${name} ${ms.toFixed(1)} ms, `).join('') +
      `1 - cosine ${(1 - likeness).toExponential(1)}; ${int8.report}`,
  );
  return speed;
}

function row([shape, speed]: readonly [string, Speed]): string {
  const name = NAME_OF[shape]!;
  const eer = KNOWN_MODELS.find((model) => model.name === name)?.eer;
  const cells = [
    name === '' ? 'the bundled one' : `\`${name}\``,
    ...[...speed.values()].map((ms) => ms.toFixed(ms < 10 ? 1 : 0)),
    eer === undefined ? '' : `${eer.percent} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const speeds = new Map<string, Speed>();
for (const name of Object.keys(NETWORKS).filter((name) => name === (values.only ?? name)))
  speeds.set(name, await measure(name));
const columns = ['name', ...[...speeds.values()][0]!.keys(), 'published EER'];
const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
const table = [
  `Milliseconds for 1.5 s of speech on one thread of ${processor}:`,
  '',
  `| ${columns.join(' | ')} |`,
  `|${'---|'.repeat(columns.length)}`,
  ...[...speeds].filter(([shape]) => shape in NAME_OF).map(row),
].join('\n');
if (values.print || values.only !== undefined) console.log(table);
else {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [before, after] = [document.split(MARKS[0])[0]!, document.split(MARKS[1])[1]!];
  writeFileSync(DOCUMENT, `${before}${MARKS[0]}\n\n${table}\n\n${MARKS[1]}${after}`);
}
