// Measures the known networks whose shape is known, beside onnxruntime-node on the same network, and writes the table of
// docs/models.md. Random weights take as long as others. The peers must be there: see main.ts.
//   npm run bench:networks [-- --repeats N] [--print]
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countMultiplyAdds, countParameters, KNOWN_MODELS, type RemoteModel } from '../../src/model/index.js';
import { Engine } from '../../src/native/index.js';
import { WINDOW_FRAMES } from '../../src/stream/geometry.js';
import { cosine, NETWORKS, randomArray, randomModel, randomSource } from '../random-model.js';
import { onnxRuntime } from './peers.js';
import { percentile } from './statistics.js';

const { values } = parseArgs({
  options: { repeats: { type: 'string', default: '8' }, print: { type: 'boolean', default: false } },
});
const DOCUMENT = fileURLToPath(new URL('../../docs/models.md', import.meta.url));
const MARKS = [
  '<!-- networks: begin, npm run bench:networks writes this -->',
  '<!-- networks: end -->',
] as const;

/** Which of the shapes a known model has. */
const SHAPE_OF: readonly (readonly [RegExp, string])[] = [
  [/bundled/, 'bundled'],
  [/resnet34-LM/, 'resnet34'],
  [/resnet152-LM/, 'resnet152'],
  [/resnet221-LM/, 'resnet221'],
  [/resnet293-LM/, 'resnet293'],
  [/samresnet34/, 'simam34'],
];

interface Speed {
  readonly own: number;
  readonly onnxruntime: number;
}

/** Medians of ms for a window, in turn, one thread each; what both give is compared first. */
async function measure(name: string): Promise<Speed> {
  const model = randomModel(NETWORKS[name]!);
  const features = randomArray(WINDOW_FRAMES * model.config.featureSize, 2, randomSource(1));
  const engine = await Engine.create(model, { engine: 'cpu', threads: 1 });
  const peer = await onnxRuntime(model, 1);
  const runs = [() => engine.embed(features, WINDOW_FRAMES), () => peer(features, WINDOW_FRAMES, 1)];
  const times: [number[], number[]] = [[], []];
  const [a, b] = [await runs[0]!(), await runs[1]!()];
  const likeness = cosine(a, b);
  if (!(likeness > 0.9999)) throw new Error(`${name}: cosine with onnxruntime-node ${likeness}`);
  for (let i = 0; i < Number(values.repeats); i += 1) {
    for (const [k, run] of runs.entries()) {
      const start = performance.now();
      await run();
      times[k]!.push(performance.now() - start);
    }
  }
  engine.close();
  const [own, onnxruntime] = times.map((list) => percentile(list, 0.5)) as [number, number];
  const { config } = model;
  console.log(
    `${name}: ${(countParameters(config) / 1e6).toFixed(2)} M parameters, ` +
      `${(countMultiplyAdds(config, WINDOW_FRAMES) / 1e9).toFixed(2)} G multiply-adds, ${own.toFixed(1)} ms, ` +
      `onnxruntime-node ${onnxruntime.toFixed(1)} ms, 1 - cosine ${(1 - likeness).toExponential(1)}`,
  );
  return { own, onnxruntime };
}

type Listed = Omit<RemoteModel, 'description' | 'repo' | 'file'>;

const BUNDLED: Listed = {
  name: '(the bundled one)',
  terms: { licence: 'MIT', attribution: 'whospeaks' },
  parameters: 1.36,
  megabytes: 2.7,
  language: 'many',
  runner: 'own',
};

function row(model: Listed, speeds: ReadonlyMap<string, Speed>): string {
  const { name, terms, parameters, megabytes, language, eer, runner } = model;
  const shape = SHAPE_OF.find(([pattern]) => pattern.test(name))?.[1];
  const speed = shape === undefined ? undefined : speeds.get(shape);
  const ms =
    speed === undefined ? 'not measured yet' : `${speed.own.toFixed(0)} (${speed.onnxruntime.toFixed(0)})`;
  const cells = [
    `\`${name}\``,
    parameters === undefined ? '' : `${parameters} M`,
    megabytes === undefined ? '' : `${megabytes} MB`,
    terms.licence,
    language ?? '',
    runner === 'own' ? 'cpu, mlx' : 'onnx',
    ms,
    eer === undefined ? '' : `${eer.percent} % (${eer.source})`,
    'not measured yet',
  ];
  return `| ${cells.join(' | ')} |`;
}

const speeds = new Map<string, Speed>();
for (const name of Object.keys(NETWORKS)) speeds.set(name, await measure(name));
const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
const table = [
  `Milliseconds for 1.5 s of speech on one thread of ${processor}, in brackets onnxruntime-node's on the same network. EER is ` +
    'on VoxCeleb1-O with plain cosine scores, as published.',
  '',
  '| name | parameters | file | licence | language | engine | ms | published EER | measured here |',
  '|---|---|---|---|---|---|---|---|---|',
  ...[BUNDLED, ...KNOWN_MODELS.filter(({ runner }) => runner !== undefined)].map((model) =>
    row(model, speeds),
  ),
].join('\n');
if (values.print) console.log(table);
else {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [before, after] = [document.split(MARKS[0])[0]!, document.split(MARKS[1])[1]!];
  writeFileSync(DOCUMENT, `${before}${MARKS[0]}\n\n${table}\n\n${MARKS[1]}${after}`);
}
