// Measures the networks that our engines run, beside onnxruntime-node on the same network, and writes the table of
// docs/models.md. Random weights take as long as others. The peers must be there: see main.ts.
//   npm run bench:networks [-- --repeats N] [--print]
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countMultiplyAdds, countParameters, KNOWN_MODELS } from '../../src/model/index.js';
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

/** The bundled network, and the first known model of each other shape. */
const NAME_OF: Readonly<Record<string, string>> = {
  bundled: '',
  resnet34: 'wespeaker-voxceleb-resnet34-LM',
  resnet152: 'wespeaker-voxceleb-resnet152-LM',
  resnet221: 'wespeaker-voxceleb-resnet221-LM',
  resnet293: 'wespeaker-voxceleb-resnet293-LM',
  simam34: 'wespeaker-voxblink2-samresnet34',
};

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

function row([shape, { own, onnxruntime }]: readonly [string, Speed]): string {
  const name = NAME_OF[shape]!;
  const eer = KNOWN_MODELS.find((model) => model.name === name)?.eer;
  const cells = [
    name === '' ? 'the bundled one' : `\`${name}\``,
    own.toFixed(0),
    onnxruntime.toFixed(0),
    eer === undefined ? '' : `${eer.percent} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const speeds = new Map<string, Speed>();
for (const name of Object.keys(NETWORKS)) speeds.set(name, await measure(name));
const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
const table = [
  `Milliseconds for 1.5 s of speech on one thread of ${processor}:`,
  '',
  '| name | whospeaks | onnxruntime-node | published EER |',
  '|---|---|---|---|',
  ...[...speeds].filter(([shape]) => shape in NAME_OF).map(row),
].join('\n');
if (values.print) console.log(table);
else {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [before, after] = [document.split(MARKS[0])[0]!, document.split(MARKS[1])[1]!];
  writeFileSync(DOCUMENT, `${before}${MARKS[0]}\n\n${table}\n\n${MARKS[1]}${after}`);
}
