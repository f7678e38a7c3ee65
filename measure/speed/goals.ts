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

const GOALS: readonly Goal[] = [
  most('ResNet34, one thread: share of onnxruntime-node’s time', 'ort', 0.45),
  most('the same of sherpa-onnx-node’s, from audio', 'sherpa', 0.45),
  most('share of onnxruntime-node’s time without AVX-512', 'ort without avx512', 0.6),
  most('segmentation: share of onnxruntime-node’s time', 'segmentation', 0.6),
  least('two threads: times one thread', 'two threads', 1.85),
  least('live streams a core: times sherpa-onnx-node’s', 'streams fp32', 3),
  least('live streams, adaptive step', 'streams adaptive', 3),
  least('live streams, bf16', 'streams bf16', 3),
  least('live streams, bf16, adaptive step', 'streams bf16 adaptive', 3),
  least('live streams, int8', 'streams int8', 3),
  least('live streams, int8, adaptive step', 'streams int8 adaptive', 3),
  most('around the network: share of ResNet34’s time', 'stages resnet34', 5, ' %'),
  most('around the network: share of the bundled model’s time', 'stages bundled', 5, ' %'),
  most('loading ResNet34 from its file', 'load', 150, ' ms'),
  most('finding a voice among 100,000', 'index 100000', 5, ' ms'),
  most('finding a voice among 1,000,000', 'index 1000000', 10, ' ms'),
  least('least cosine with onnxruntime-node', 'cosine', 0.9999),
  most('greatest difference of normalised embeddings', 'difference', 1e-3),
  most('bf16: most points of EER lost', 'bf16 eer', 0.1),
  most('int8: most points of EER lost', 'int8 eer', 0.1),
];

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
