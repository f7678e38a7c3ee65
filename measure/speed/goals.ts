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
  most('ResNet34, fp32, one thread: share of onnxruntime-node’s time', 'ort', 0.45),
  most('the same of sherpa-onnx-node’s, audio in', 'sherpa', 0.45),
  most('share of onnxruntime-node’s time, AVX-512 switched off for both', 'ort without avx512', 0.6),
  most(
    'segmentation, fp32, one thread, one window of 10 s: share of onnxruntime-node’s time',
    'segmentation',
    0.6,
  ),
  least('two threads: times one thread', 'two threads', 1.85),
  least('live streams a core: times sherpa-onnx-node’s, fp32, every window embedded', 'streams fp32', 3),
  least('the same with the adaptive step', 'streams adaptive', 3),
  least('the same in bf16', 'streams bf16', 3),
  least('the same in bf16 with the adaptive step', 'streams bf16 adaptive', 3),
  least('the same in int8', 'streams int8', 3),
  least('the same in int8 with the adaptive step', 'streams int8 adaptive', 3),
  most(
    'resampling, log-mel, gate, windows and tracker: share of ResNet34’s time',
    'stages resnet34',
    5,
    ' %',
  ),
  most('the same of the bundled model’s time', 'stages bundled', 5, ' %'),
  most('loading ResNet34 from its file', 'load', 150, ' ms'),
  most('finding a voice among 100,000', 'index 100000', 5, ' ms'),
  most('finding a voice among 1,000,000', 'index 1000000', 10, ' ms'),
  least('cosine with onnxruntime-node, 10 to 600 frames, the least', 'cosine', 0.9999),
  most('greatest difference of the normalised embeddings', 'difference', 1e-3),
  most('bf16: points of EER lost, of all sets and lengths the most', 'bf16 eer', 0.1),
  most('the same of int8', 'int8 eer', 0.1),
];

/** What was wanted and what was measured, as a Markdown table; goals that were not measured say so. */
export function goalsTable(results: ReadonlyMap<string, number>): string {
  const rows = GOALS.map(({ what, name, wanted, isMost, unit }) => {
    const value = results.get(name);
    const target = `${isMost ? 'at most' : 'at least'} ${wanted}${unit}`;
    if (value === undefined) return `| ${what} | ${target} | not measured here | |`;
    const isReached = isMost ? value <= wanted : value >= wanted;
    return `| ${what} | ${target} | ${shown(value)}${unit} | ${isReached ? 'yes' : 'no'} |`;
  });
  return ['| | wanted | measured | reached |', '|---|---|---|---|', ...rows].join('\n');
}

function shown(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  return value > 0.99 && value < 1 ? value.toFixed(7) : value.toFixed(2);
}
