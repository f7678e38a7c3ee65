import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WhospeaksError } from '../errors.js';
import { assertUnbundled } from '../package-file.js';
import { quote } from './fault.js';
import { pullModel, type PullOptions } from './pull.js';
import { findRemoteModel, KNOWN_MODELS } from './registry.js';

/** The folder of the model that comes with the package; the same for `src/` and `dist/`. */
export const BUNDLED_MODEL_FOLDER = bundledModelFolder(import.meta.url);
/** The same of the segmentation network. */
export const BUNDLED_SEGMENTATION_FOLDER = join(BUNDLED_MODEL_FOLDER, 'segmentation');
/** The voices that models without measures are measured with. */
export const BUNDLED_VOICES_FOLDER = join(BUNDLED_MODEL_FOLDER, 'voices');

function bundledModelFolder(moduleUrl: string | undefined): string {
  // In a bundle of CommonJS there is none.
  return moduleUrl === undefined ? '' : fileURLToPath(new URL('../../models', moduleUrl));
}

/** As `resolveModel`, of a segmentation network: for `readSegmentation`. */
export async function resolveSegmentation(name?: string, options?: PullOptions): Promise<string> {
  if (name !== undefined) return resolveModel(name, options);
  assertUnbundled(import.meta.url, 'model/resolve');
  return BUNDLED_SEGMENTATION_FOLDER;
}

/**
 * The path, for `readModel`, that a name stands for: nothing is the bundled model; a name of the registry or
 * `hf:owner/repo/file` is the file in the cache, fetched first if need be; anything else is a path. Write
 * `./NAME` for a local file that has the name of a registry model.
 *
 * Throws `model-not-found`, and for remote models what `pullModel` throws.
 */
export async function resolveModel(name?: string, options?: PullOptions): Promise<string> {
  if (name === undefined) {
    assertUnbundled(import.meta.url, 'model/resolve');
    return BUNDLED_MODEL_FOLDER;
  }
  if (findRemoteModel(name)) return (await pullModel(name, options)).path;
  if (await stat(name).catch(() => undefined)) return name;
  const known = KNOWN_MODELS.map((model) => model.name).join(', ');
  throw new WhospeaksError(
    'model-not-found',
    `model ${quote(name)}: no such file or folder, and no model of that name; known: ${known}`,
  );
}
