import type { ConfigHints } from './config.js';
import { corrupt, formatShape, wrongShape } from './fault.js';
import { openBeside } from './file-beside.js';

const MIN_COHORT = 20;
const MAX_COHORT = 10_000;

/**
 * The cohort that a config names: a (people, dimension) tensor in a safetensors file beside it, as unit
 * vectors. Throws `model-corrupt` where the file is missing, damaged or another than the config says, and
 * `model-shape`.
 */
export async function readCohort(
  folder: string,
  cohort: NonNullable<ConfigHints['cohort']>,
  dimension: number,
): Promise<Float32Array[]> {
  const file = await openBeside(folder, cohort, 'cohort');
  const found = file.tensor(cohort.tensor);
  const [count = 0, width] = found.shape;
  if (found.shape.length !== 2 || width !== dimension || count < MIN_COHORT || count > MAX_COHORT) {
    throw wrongShape(
      file.label,
      cohort.tensor,
      `[${MIN_COHORT} to ${MAX_COHORT}, ${dimension}]`,
      formatShape(found.shape),
    );
  }
  const values = found.read();
  return Array.from({ length: count }, (_, i) => {
    const row = Float32Array.from(values.subarray(i * dimension, (i + 1) * dimension));
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    if (!(length > 0 && Number.isFinite(length)))
      throw corrupt(file.label, `row ${i} is not a direction; every row must be finite and not zero`);
    return row.map((x) => x / length);
  });
}
