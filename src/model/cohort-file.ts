import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { corrupt, formatShape, quote, wrongShape } from './fault.js';
import type { ConfigHints } from './config.js';
import { readSafetensors } from './safetensors.js';

const MIN_COHORT = 20;
const MAX_COHORT = 10_000;

/**
 * The cohort that a config names: a (people, dimension) tensor in a safetensors file beside it, as unit
 * vectors. Throws `model-corrupt` where the file is missing, damaged or another than the config says, and
 * `model-shape`.
 */
export async function readCohort(
  folder: string,
  { file, tensor, sha256 }: NonNullable<ConfigHints['cohort']>,
  dimension: number,
): Promise<Float32Array[]> {
  const label = join(folder, file);
  let bytes: Buffer;
  try {
    bytes = await readFile(label);
  } catch (error) {
    throw corrupt(label, 'the config names this cohort file, and it cannot be read', error);
  }
  if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw corrupt(label, 'the cohort file is not the one that the config was written with (sha256)');
  }
  const found = readSafetensors({ bytes, label }).tensors.get(tensor);
  if (found === undefined) throw corrupt(label, `no tensor ${quote(tensor)}`);
  const [count = 0, width] = found.shape;
  if (found.shape.length !== 2 || width !== dimension || count < MIN_COHORT || count > MAX_COHORT) {
    throw wrongShape(
      label,
      tensor,
      `[${MIN_COHORT} to ${MAX_COHORT}, ${dimension}]`,
      formatShape(found.shape),
    );
  }
  const values = found.read();
  return Array.from({ length: count }, (_, i) => {
    const row = Float32Array.from(values.subarray(i * dimension, (i + 1) * dimension));
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    if (!(length > 0 && Number.isFinite(length)))
      throw corrupt(label, `row ${i} is not a direction; every row must be finite and not zero`);
    return row.map((x) => x / length);
  });
}
