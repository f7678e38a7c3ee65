import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SegmentationModel } from '../../src/native/index.js';

const root = new URL('../..', import.meta.url).pathname;
const CLASSES = 7;

/** Windows of one kind of sound, and what PyTorch says of them. */
export interface SegmentationCase {
  readonly model: string;
  readonly path: string;
  readonly kind: string;
  readonly batch: number;
  readonly stem: string;
}

/** Have PyTorch write them into `folder`. */
export function segmentationCases(folder: string): SegmentationCase[] {
  const bundled = join(root, 'models/segmentation/model.safetensors');
  const speech = join(root, 'examples/audio/meeting.wav');
  const args = [join(root, 'test/parity/segmentation.py'), folder, bundled, speech];
  return JSON.parse(
    execFileSync(join(root, '.venv/bin/python'), args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  ) as SegmentationCase[];
}

export interface Comparison {
  /** Of a log-probability; of one below -1 (what is all but impossible) the share of it. */
  readonly greatest: number;
  /** Frames whose likeliest class is not PyTorch's. */
  readonly unlike: number;
  /** Likeliest classes that came up. */
  readonly classes: ReadonlySet<number>;
  readonly samples: number;
}

export async function compareWithPyTorch(
  model: SegmentationModel,
  { batch, stem }: SegmentationCase,
): Promise<Comparison> {
  const samples = floats(`${stem}.samples`);
  const expected = floats(`${stem}.frames`);
  const size = samples.length / batch;
  const windows = Array.from({ length: batch }, (_, i) => samples.subarray(i * size, (i + 1) * size));
  const frames = (await model.segment(windows)).flatMap(({ logProbabilities }) => [...logProbabilities]);
  if (frames.length !== expected.length) throw new Error(`${frames.length} numbers, not ${expected.length}`);
  let greatest = 0;
  for (const [i, value] of frames.entries())
    greatest = Math.max(greatest, Math.abs(value - expected[i]!) / Math.max(1, Math.abs(expected[i]!)));
  const classes = new Set<number>();
  let unlike = 0;
  for (let i = 0; i < frames.length; i += CLASSES) {
    const likeliest = likeliestOf(frames.slice(i, i + CLASSES));
    classes.add(likeliest);
    if (likeliest !== likeliestOf([...expected.subarray(i, i + CLASSES)])) unlike++;
  }
  return { greatest, unlike, classes, samples: size };
}

function likeliestOf(row: readonly number[]): number {
  return row.indexOf(Math.max(...row));
}

function floats(path: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
}
