import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { BUNDLED_VOICES_FOLDER } from '../model/resolve.js';
import { assertUnbundled } from '../package-file.js';
import { fromFile } from '../stream/file/from-file.js';
import { readAll } from '../stream/source.js';
import { SAMPLE_RATE_HZ } from '../stream/types.js';

const schema = z.object({
  speakers: z.int().min(2),
  windows_a_speaker: z.literal(2),
  window_seconds: z.literal(3),
  sha256: z.string(),
});

/** Recordings of people who are nobody's enrolled speakers, to measure a model with. */
export interface CohortVoices {
  /** sha256 (hex) of the sound: measures of other voices are other measures. */
  readonly fingerprint: string;
  /** Of each speaker two windows of 3 s, 16 kHz, from two recordings. */
  readonly speakers: readonly (readonly [Float32Array, Float32Array])[];
}

const SOUND = join(BUNDLED_VOICES_FOLDER, 'voices.opus');

/** `CohortVoices.fingerprint` of the voices that come with the package, without reading them. Rejects as `readCohortVoices`. */
export function cohortVoicesFingerprint(): Promise<string> {
  return reading(async () => (await readAbout()).sha256);
}

/** The voices that come with the package. Rejects with `model-corrupt` where they are not as they were packed. */
export function readCohortVoices(): Promise<CohortVoices> {
  return reading(async () => {
    const about = await readAbout();
    const fingerprint = createHash('sha256')
      .update(await readFile(SOUND))
      .digest('hex');
    if (fingerprint !== about.sha256) throw new Error('the sound is not the one that voices.json describes');
    const samples = await readAll(fromFile(SOUND));
    const length = about.window_seconds * SAMPLE_RATE_HZ;
    if (samples.length < 2 * about.speakers * length) throw new Error('the sound is too short');
    const window = (i: number): Float32Array => samples.slice(i * length, (i + 1) * length);
    const speakers = Array.from(
      { length: about.speakers },
      (_, i) => [window(2 * i), window(2 * i + 1)] as const,
    );
    return { fingerprint, speakers };
  });
}

async function readAbout(): Promise<z.output<typeof schema>> {
  return schema.parse(JSON.parse(await readFile(join(BUNDLED_VOICES_FOLDER, 'voices.json'), 'utf8')));
}

async function reading<Value>(read: () => Promise<Value>): Promise<Value> {
  assertUnbundled(import.meta.url, 'scoring/cohort-voices');
  try {
    return await read();
  } catch (cause) {
    throw new WhospeaksError(
      'model-corrupt',
      `${BUNDLED_VOICES_FOLDER}: the voices to measure models with cannot be read: ${(cause as Error).message}; install the package again`,
      { cause },
    );
  }
}
