import { REDUCED } from './precisions.js';

interface Goal {
  readonly what: string;
  /** Name in the results. */
  readonly name: string;
  readonly wanted: number;
  /** Reached at `wanted` or below, else at `wanted` or above. */
  readonly isMost: boolean;
  readonly unit: string;
}

const most = (what: string, name: string, wanted: number, unit = ''): Goal => ({
  what,
  name,
  wanted,
  isMost: true,
  unit,
});
const least = (what: string, name: string, wanted: number, unit = ''): Goal => ({
  ...most(what, name, wanted, unit),
  isMost: false,
});

const ORT = 'onnxruntime-node’s';
const SHERPA = 'sherpa-onnx-node’s';

/** Reduced precision is compared with the peer's int8, its best. */
const GOALS: readonly Goal[] = [
  most(`ResNet34, fp32: share of ${ORT} fp32 time`, 'resnet34 fp32', 0.33),
  ...REDUCED.map((p) => most(`ResNet34, ${p}: share of ${ORT} int8 time`, `resnet34 ${p}`, 0.55)),
  most(`ResNet34, fp32, from audio: share of ${SHERPA} time`, 'resnet34 sherpa', 0.33),
  most(`ResNet34, fp32, without AVX-512: share of ${ORT} time`, 'no avx512 fp32', 0.6),
  least('ResNet34, fp32, two threads: times one thread', 'two threads gain', 1.85),
  most(`bundled model, fp32: share of ${ORT} fp32 time`, 'bundled fp32', 0.4),
  ...REDUCED.map((p) => most(`bundled model, ${p}: share of ${ORT} int8 time`, `bundled ${p}`, 0.55)),
  most(`segmentation: share of ${ORT} time`, 'segmentation', 0.6),
  ...streams('live streams, ResNet34', 'streams resnet34'),
  ...streams('live streams, bundled model', 'streams bundled'),
  most(
    'around the network, from 16 kHz: share of the bundled model’s time',
    'stages bundled 16 kHz',
    10,
    ' %',
  ),
  most(
    'around the network, from 48 kHz: share of the bundled model’s time',
    'stages bundled 48 kHz',
    15,
    ' %',
  ),
  most('around the network, from 48 kHz: share of ResNet34’s time', 'stages resnet34 48 kHz', 5, ' %'),
  most('loading ResNet34 from its file', 'load', 150, ' ms'),
  most('finding a voice among 100,000', 'index 100000', 5, ' ms'),
  most('finding a voice among 1,000,000', 'index 1000000', 10, ' ms'),
  least('fp32: least cosine with onnxruntime-node', 'resnet34 cosine', 0.9999),
  most('fp32: greatest difference of normalised embeddings', 'resnet34 difference', 1e-3),
  ...REDUCED.flatMap((p) => [
    most(`${p}: most points of EER lost`, `${p} eer`, 0.1),
    least(`${p}: least cosine with fp32`, `${p} cosine`, 0.999),
  ]),
];

function streams(what: string, name: string): Goal[] {
  return [
    least(`${what}, fp32: times ${SHERPA} fp32`, `${name} fp32`, 3),
    least(`${what}, fp32, adaptive step: times ${SHERPA} fp32`, `${name} fp32 adaptive`, 3),
    most(`${what}, fp32, at 80 % load: p99 of latency`, `${name} fp32 p99`, 60, ' ms'),
    ...REDUCED.flatMap((p) => [
      least(`${what}, ${p}: times ${SHERPA} fp32`, `${name} ${p}`, 6),
      least(`${what}, ${p}, adaptive step: times ${SHERPA} fp32`, `${name} ${p} adaptive`, 6),
      // As the network alone: 1 / 0.55.
      least(`${what}, ${p}: times ${SHERPA} int8`, `${name} ${p} to int8`, 1.8),
      most(`${what}, ${p}, at 80 % load: p99 of latency`, `${name} ${p} p99`, 60, ' ms'),
    ]),
  ];
}

/** What was wanted and what was measured, as a Markdown table; goals that were not measured are named below it. */
export function goalsTable(results: ReadonlyMap<string, number>): string {
  const rows: string[] = [];
  const unmeasured: string[] = [];
  for (const { what, name, wanted, isMost, unit } of GOALS) {
    const value = results.get(name);
    if (value === undefined) {
      unmeasured.push(what);
      continue;
    }
    const isReached = isMost ? value <= wanted : value >= wanted;
    const target = `${isMost ? 'at most' : 'at least'} ${wanted}${unit}`;
    rows.push(`| ${what} | ${target} | ${shown(value)}${unit} | ${isReached ? 'yes' : '**no**'} |`);
  }
  const missing = unmeasured.length === 0 ? [] : ['', `Not measured here: ${unmeasured.join('; ')}.`];
  return ['| | wanted | measured | reached |', '|---|---|---|---|', ...rows, ...missing].join('\n');
}

function shown(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  return value > 0.99 && value < 1 ? value.toFixed(7) : value.toFixed(2);
}
