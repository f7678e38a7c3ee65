import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { scoringSchema } from '../model/config.js';
import type { Scoring } from '../model/types.js';
import type { ModelIdentity } from '../speakers/profile.js';
import { messageOf } from '../speakers/store/store-errors.js';

/** 2: scores are normalised with the nearest part of the cohort; older fits do not apply. */
export const CALIBRATION_FORMAT = 'whospeaks-calibration-2';
const OLD_FORMAT = 'whospeaks-calibration';

const schema = z.object({
  format: z.literal(CALIBRATION_FORMAT, {
    error: ({ input }) =>
      input === OLD_FORMAT
        ? 'an older version made it, whose scores meant something else'
        : 'not a file that "whospeaks calibrate" wrote',
  }),
  model: z.object({ name: z.string(), fingerprint: z.string() }),
  scoring: scoringSchema,
});

/** What `whospeaks calibrate` writes. */
export interface CalibrationFile {
  readonly format: typeof CALIBRATION_FORMAT;
  readonly model: { readonly name: string; readonly fingerprint: string };
  readonly scoring: Scoring;
}

/**
 * Read a calibration, made with the same model. Rejects with `file-not-found`, `file-unreadable` or
 * `model-mismatch`.
 */
export async function readCalibration(path: string, model: ModelIdentity): Promise<CalibrationFile> {
  let calibration: CalibrationFile;
  try {
    calibration = schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = error instanceof z.ZodError ? error.issues[0]!.message : messageOf(error);
    throw new WhospeaksError(
      missing ? 'file-not-found' : 'file-unreadable',
      missing
        ? `no such file: ${path}; make it with \`whospeaks calibrate\``
        : `${path} is no calibration: ${reason}; make one with \`whospeaks calibrate\``,
      { cause: error },
    );
  }
  if (calibration.model.fingerprint !== model.fingerprint) {
    throw new WhospeaksError(
      'model-mismatch',
      `${path} was made with model ${modelText(calibration.model)}, but the model in use is ${modelText(model)}; ` +
        'run `whospeaks calibrate` again with this one',
    );
  }
  return calibration;
}

/** Weights may change under one name. */
function modelText({ name, fingerprint }: CalibrationFile['model']): string {
  return `"${name}" (${fingerprint.slice(0, 12)})`;
}
