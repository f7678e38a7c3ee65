import bundledConfig from 'whospeaks-built:model.json';
import bundledSegmentation from 'whospeaks-built:segmentation.json';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { canonicalize } from '../../model/canonical.js';
import { readCohort } from '../../model/cohort-file.js';
import { parseConfig, parseConfigText, withDefaults, type ConfigHints } from '../../model/config.js';
import { corrupt, unsupported } from '../../model/fault.js';
import { readOverlapReadout } from '../../model/overlap-readout.js';
import { looksLikeSafetensors, readSafetensors } from '../../model/safetensors.js';
import {
  canonicalizeSegmentation,
  isSegmentation,
  type SegmentationWeights,
} from '../../model/segmentation/canonical.js';
import type { RawModel } from '../../model/raw.js';
import type { CanonicalModel } from '../../model/types.js';
import type { AssetUrls } from '../assets.js';
import { placeBundled } from './bytes-beside.js';
import { fetchModelFile } from './fetch-model-file.js';

/** What the bundled model's folder is called; its files lie where the page says. */
const BUNDLED = 'whospeaks:models';
let assets: AssetUrls | undefined;

/** Where the bundled networks lie; before a model is loaded. */
export function useAssets(urls: AssetUrls): void {
  assets = urls;
  placeBundled(BUNDLED, { 'cohort.safetensors': urls.cohort, 'overlap.safetensors': urls.overlap });
}

/** As Node's, of a safetensors file's URL; the bundled network where there is none. Rejects with a `model-*` code. */
export async function openEmbedding(
  url?: string,
): Promise<{ readonly kind: 'embedding'; readonly model: CanonicalModel }> {
  const file = url ?? bundled().model;
  const folder = url === undefined ? BUNDLED : new URL('.', url).href.replace(/\/$/, '');
  const [raw, beside] = await Promise.all([
    readRaw(file),
    url === undefined ? parseConfig('models/config.json', bundledConfig) : configBeside(folder),
  ]);
  if (isSegmentation(raw)) throw unsupported(file, 'a segmentation network, which makes no embeddings');
  const hints = hintsOf(file, raw, beside);
  const model = canonicalize(file, raw, hints);
  const { cohort, overlap } = hints;
  return {
    kind: 'embedding',
    model: {
      ...model,
      cohort: cohort && (await readCohort(folder, cohort, model.config.dimension)),
      overlap: overlap && (await readOverlapReadout(folder, overlap, model.config)),
    },
  };
}

export async function readSegmentation(url: string): Promise<SegmentationWeights> {
  const folder = new URL('.', url).href.replace(/\/$/, '');
  return segmentationOf(url, await readRaw(url), await configBeside(folder));
}

export async function openSegmentation(url?: string): Promise<SegmentationWeights> {
  if (url !== undefined) return readSegmentation(url);
  const { segmentation } = bundled();
  const config = parseConfig('models/segmentation/config.json', bundledSegmentation);
  return segmentationOf(segmentation, await readRaw(segmentation), config);
}

function segmentationOf(file: string, raw: RawModel, beside: ConfigHints): SegmentationWeights {
  if (isSegmentation(raw)) return canonicalizeSegmentation(file, raw, hintsOf(file, raw, beside).name);
  throw unsupported(file, 'expected the weights of pyannote/segmentation-3.0');
}

function hintsOf(file: string, raw: RawModel, beside: ConfigHints): ConfigHints {
  const own = raw.metadata === undefined ? {} : parseConfig(file, raw.metadata);
  return withDefaults(own, beside, undefined);
}

/** No hints where there is none. */
async function configBeside(folder: string): Promise<ConfigHints> {
  const url = `${folder}/config.json`;
  try {
    return parseConfigText(url, new TextDecoder().decode(await fetchModelFile(url)));
  } catch (error) {
    if (isWhospeaksError(error, 'model-not-found')) return {};
    throw error;
  }
}

async function readRaw(url: string): Promise<RawModel> {
  const bytes = await fetchModelFile(url);
  if (looksLikeSafetensors(bytes)) return readSafetensors({ bytes, label: url });
  throw corrupt(url, 'not a safetensors file; convert it with: whospeaks model convert');
}

function bundled(): AssetUrls {
  if (assets !== undefined) return assets;
  throw new WhospeaksError('model-not-found', 'nothing says where the bundled model lies');
}
