import { resolve } from 'node:path';
import { readRecord } from './cache.js';
import { findModelFile } from './read-model.js';
import { SEGMENTATION_TERMS, type ModelLicence } from './registry.js';
import { BUNDLED_MODEL_FOLDER, BUNDLED_SEGMENTATION_FOLDER } from './resolve.js';

const BUNDLED_TERMS: ModelLicence = {
  licence: 'MIT',
  attribution: 'trained by the whospeaks project; corpora and teacher are named in models/MODEL_CARD.md',
};

/** Licence and attribution of a model on disk, where they are known: the bundled ones and pulled ones. */
export async function modelTerms(path: string): Promise<ModelLicence | undefined> {
  const file = await findModelFile(path);
  if (resolve(file).startsWith(resolve(BUNDLED_SEGMENTATION_FOLDER))) return SEGMENTATION_TERMS;
  if (resolve(file).startsWith(resolve(BUNDLED_MODEL_FOLDER))) return BUNDLED_TERMS;
  const record = await readRecord(file);
  return record && { licence: record.licence, attribution: record.attribution };
}
