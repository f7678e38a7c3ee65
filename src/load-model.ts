import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from './model/cache.js';
import { scoringSchema } from './model/config.js';
import { SpeakerModel, type SpeakerModelOptions } from './native/speaker-model.js';
import { cohortVoicesFingerprint, readCohortVoices } from './scoring/cohort-voices.js';
import { measureModel, type ModelMeasures } from './scoring/measure-model.js';
import { parseOptions } from './options.js';
import { writeWholeFile } from './whole-file.js';

export interface LoadModelOptions extends SpeakerModelOptions {
  /** Called while a model is measured at its first use: a share, 0 to 1. */
  readonly onMeasure?: (share: number) => void;
}

/** Measures made by another way of measuring are made again. */
const FORMAT = 'whospeaks-measures-2';
const PRECISION_SCHEMA = z.looseObject({ precision: z.string().default('fp32') });
const callbackSchema = z
  .custom<(share: number) => void>((value) => typeof value === 'function', 'expected a function')
  .optional();

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  voices: z.string(),
  dimension: z.int().min(1),
  scoring: scoringSchema,
  calibration: z.strictObject({ scale: z.number(), offset: z.number() }),
  /** Rows of float32, base64. */
  cohort: z.base64(),
});

/**
 * Load a model as `SpeakerModel.fromPretrained` does. One that came without a cohort is measured the first time, on the voices
 * that come with the package (a minute or several, by the model's size), and the measures are kept in the cache by the model's fingerprint and
 * precision. From then on its scores mean what the bundled model's do. Where the cache cannot be written, it is measured
 * again the next time. Rejects as `SpeakerModel.fromPretrained`.
 */
export async function loadModel(nameOrPath?: string, options: LoadModelOptions = {}): Promise<SpeakerModel> {
  const { onMeasure, ...engine } = options;
  parseOptions('loadModel', z.object({ onMeasure: callbackSchema }), { onMeasure });
  const model = await SpeakerModel.fromPretrained(nameOrPath, engine);
  if (model.cohort !== undefined) return model;
  try {
    return model.withMeasures(await measuresOf(model, PRECISION_SCHEMA.parse(engine).precision, onMeasure));
  } catch (error) {
    model.close();
    throw error;
  }
}

async function measuresOf(
  model: SpeakerModel,
  precision: string,
  onProgress?: (share: number) => void,
): Promise<ModelMeasures> {
  const fingerprint = await cohortVoicesFingerprint();
  const path = join(cacheFolder(), 'measures', `${model.fingerprint}-${precision}.json`);
  const kept = await readMeasures(path, fingerprint, model.dimension);
  if (kept !== null) return kept;
  const measures = await measureModel(model, await readCohortVoices(), onProgress && { onProgress });
  await writeMeasures(path, fingerprint, model.dimension, measures).catch(() => undefined);
  return measures;
}

/** Null where there are none that can be used. */
async function readMeasures(path: string, voices: string, dimension: number): Promise<ModelMeasures | null> {
  try {
    const file = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    const bytes = new Uint8Array(Buffer.from(file.cohort, 'base64'));
    if (file.voices !== voices || file.dimension !== dimension || bytes.length % (4 * dimension) !== 0) {
      return null;
    }
    const values = new Float32Array(bytes.buffer);
    if (values.length < 2 * dimension || !values.every(Number.isFinite)) return null;
    const cohort = Array.from({ length: values.length / dimension }, (_, i) =>
      values.slice(i * dimension, (i + 1) * dimension),
    );
    return { cohort, scoring: file.scoring, calibration: file.calibration };
  } catch {
    return null;
  }
}

async function writeMeasures(
  path: string,
  voices: string,
  dimension: number,
  { cohort, scoring, calibration }: ModelMeasures,
): Promise<void> {
  const values = new Float32Array(cohort.length * dimension);
  cohort.forEach((row, i) => {
    values.set(row, i * dimension);
  });
  const file: z.output<typeof fileSchema> = {
    format: FORMAT,
    voices,
    dimension,
    scoring,
    calibration,
    cohort: Buffer.from(values.buffer).toString('base64'),
  };
  await mkdir(dirname(path), { recursive: true });
  await writeWholeFile(path, `${JSON.stringify(file)}\n`);
}
