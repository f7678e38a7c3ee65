import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/acoustics/random.js';
import { readModel, resolveModel } from '../../src/model/index.js';
import { encodeSafetensors } from '../../src/model/safetensors-write.js';
import type { CanonicalModel } from '../../src/model/types.js';

/** A model to be loaded as a user loads it: by its path, with no setting. */
export interface NamedNetwork {
  readonly name: string;
  /** Absent: the bundled model, with the cohort and the scoring that came with it. */
  readonly path?: string;
}

/** Each dimension of the turned embeddings is scaled by something between one half and twice. */
const LARGEST_SCALE = 2;

/** The bundled model, and those without a cohort. `first` is the file of the project's first weights; others are written to `scratch`. */
export async function networks(first: string, scratch: string): Promise<NamedNetwork[]> {
  const bundled = await readModel(await resolveModel());
  const plain = save(bundled, scratch, 'bundled');
  return [
    { name: 'bundled' },
    { name: 'without its cohort', path: plain },
    {
      name: 'without, rotated',
      path: save(rotated(bundled, 1), scratch, 'rotated'),
    },
    { name: 'first weights', path: first },
  ];
}

/** Path of the bundled network's weights alone, written to `scratch`: to be measured at first use as any other. */
export async function bundledAlone(scratch: string): Promise<string> {
  return save(await readModel(await resolveModel()), scratch, 'bundled');
}

/** Weights alone: no cohort, no scoring, no calibration, no readout of overlap. */
function save({ config, tensors }: CanonicalModel, scratch: string, name: string): string {
  const path = join(scratch, `${name}.safetensors`);
  writeFileSync(path, encodeSafetensors({ name, config, tensors, fingerprint: '' }));
  return path;
}

/** The same network with embeddings that are turned at random, and of which each dimension is then scaled at random. */
function rotated(model: CanonicalModel, seed: number): CanonicalModel {
  const random = new Random(seed);
  const { dimension } = model.config;
  const rows = orthonormal(dimension, random).map((row) => {
    const scale = LARGEST_SCALE ** random.between(-1, 1);
    return row.map((value) => scale * value);
  });
  const tensors = new Map(model.tensors);
  for (const name of ['embedding.weight', 'embedding.bias']) {
    const { shape, data } = model.tensors.get(name)!;
    tensors.set(name, { shape, data: product(rows, data) });
  }
  return { ...model, tensors };
}

/** Rows times a matrix of as many rows as they are long, row by row in memory. */
function product(rows: readonly Float64Array[], data: Float32Array): Float32Array {
  const width = data.length / rows.length;
  const out = new Float32Array(data.length);
  for (const [r, row] of rows.entries()) {
    const sum = new Float64Array(width);
    for (const [k, factor] of row.entries()) {
      for (let c = 0; c < width; c++) sum[c]! += factor * data[k * width + c]!;
    }
    out.set(sum, r * width);
  }
  return out;
}

/** Normal vectors, made orthogonal one by one (Gram and Schmidt): all rotations and reflections are as likely. */
function orthonormal(size: number, random: Random): Float64Array[] {
  const rows: Float64Array[] = [];
  while (rows.length < size) {
    const row = Float64Array.from({ length: size }, () => random.normal());
    for (const other of rows) {
      const along = other.reduce((sum, value, i) => sum + value * row[i]!, 0);
      for (let i = 0; i < size; i++) row[i]! -= along * other[i]!;
    }
    const length = Math.hypot(...row);
    rows.push(row.map((value) => value / length));
  }
  return rows;
}
