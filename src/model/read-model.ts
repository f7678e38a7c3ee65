import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { isWhospeaksError, WhospeaksError } from '../errors.js';
import { canonicalize } from './canonical.js';
import { readCohort } from './cohort-file.js';
import { parseConfig, withDefaults, type ConfigHints } from './config.js';
import { readConfigFile } from './config-file.js';
import { corrupt, unsupported } from './fault.js';
import type { ModelSource, RawModel } from './raw.js';
import { readNpz } from './npz.js';
import { describeForeign, type ForeignNetwork } from './onnx/foreign.js';
import { readOnnx, readOnnxGraph } from './onnx/onnx.js';
import { looksLikeOnnx, parseOnnx, type OnnxGraph } from './onnx/proto.js';
import { readOverlapReadout } from './overlap-readout.js';
import { findTorchPickle, readTorch } from './pickle/torch.js';
import {
  canonicalizeSegmentation,
  isSegmentation,
  type SegmentationWeights,
} from './segmentation/canonical.js';
import { looksLikeSafetensors, readSafetensors } from './safetensors.js';
import type { CanonicalModel } from './types.js';
import { looksLikeZip, openZip } from './zip.js';

/** The largest network of the family is a hundredth of this. */
const MAX_FILE_BYTES = 1 << 30;

/** Files to look for in a folder, the best first. */
const IN_FOLDER = ['model.safetensors', 'weights.npz', 'pytorch_model.bin', 'avg_model.pt'];
const MODEL_SUFFIXES = new Set(['.safetensors', '.npz', '.bin', '.pt', '.pth', '.ckpt', '.onnx']);

/** Stems that say nothing about the model. */
const PLAIN_STEMS = new Set(['model', 'weights', 'pytorch_model', 'avg_model', 'checkpoint']);

/** A file's tensors, still unchecked, and what it and the config beside it say of them. */
interface Opened {
  readonly file: string;
  readonly raw: RawModel;
  readonly hints: ConfigHints;
}

/** What a model file can be. */
export type AnyModel =
  | { readonly kind: 'embedding'; readonly model: CanonicalModel }
  | { readonly kind: 'foreign'; readonly model: ForeignModel }
  | { readonly kind: 'segmentation'; readonly model: SegmentationWeights };

/** An embedding network that onnxruntime runs, and what belongs to it. */
export interface ForeignModel extends Pick<
  CanonicalModel,
  'name' | 'fingerprint' | 'calibration' | 'scoring' | 'cohort'
> {
  readonly network: ForeignNetwork;
}

/**
 * Read a speaker embedding model from a file, or from a folder that holds one, and bring it into the canonical form. The kind
 * of file is told by its content: safetensors (fused or not), `weights.npz`, a PyTorch zip, or ONNX. Nothing
 * in the file is run. Name and calibration come from the file's metadata, else from a `config.json` beside it,
 * which may name a cohort file and an overlap readout too.
 *
 * Throws `model-not-found`, `model-corrupt`, `model-unsupported`, `model-shape` or `model-unsafe`.
 */
export async function readModel(path: string): Promise<CanonicalModel> {
  const one = await openModel(path);
  if (isSegmentation(one.raw)) {
    throw notAnEmbedding(one.file);
  }
  return toEmbedding(one);
}

/** As `readModel`, of a segmentation network: see `SegmentationWeights`. */
export async function readSegmentation(path: string): Promise<SegmentationWeights> {
  const one = await openModel(path);
  if (isSegmentation(one.raw)) return toSegmentation(one);
  throw unsupported(
    one.file,
    'holds no tensor "lstm.weight_hh_l0"; expected the weights of pyannote/segmentation-3.0',
  );
}

/**
 * As `readModel`, of whichever network the file holds: an ONNX file that is none of those that our engines run is one for
 * onnxruntime.
 *
 * @param isForeign whether every ONNX file is
 */
export async function readAnyModel(path: string, isForeign = false): Promise<AnyModel> {
  const loaded = await loadFile(path);
  const { bytes } = loaded.source;
  if (!looksLikeSafetensors(bytes) && !looksLikeZip(bytes) && looksLikeOnnx(bytes)) {
    return readAnyOnnx(loaded, isForeign);
  }
  return toAny(opened(loaded, readRaw(loaded.source)));
}

/** As `readModel`, of an embedding network whoever runs it. */
export async function readEmbedding(
  path: string,
  isForeign = false,
): Promise<Exclude<AnyModel, { kind: 'segmentation' }>> {
  const any = await readAnyModel(path, isForeign);
  if (any.kind !== 'segmentation') return any;
  throw notAnEmbedding(await findModelFile(path));
}

function notAnEmbedding(file: string): WhospeaksError {
  return unsupported(
    file,
    'a segmentation network, which makes no embeddings; load it with SegmentationModel.fromFile',
  );
}

/** A file in memory, and the config beside it. */
interface Loaded {
  readonly source: ModelSource;
  readonly beside: ConfigHints;
}

async function loadFile(path: string): Promise<Loaded> {
  const file = await findModelFile(path);
  const beside = await readConfigFile(join(dirname(file), 'config.json'));
  return { source: { bytes: await readBytes(file), label: file }, beside };
}

async function openModel(path: string): Promise<Opened> {
  const loaded = await loadFile(path);
  return opened(loaded, readRaw(loaded.source));
}

function opened({ source, beside }: Loaded, raw: RawModel): Opened {
  const file = source.label;
  const own = raw.metadata === undefined ? {} : parseConfig(file, raw.metadata);
  return { file, raw, hints: withDefaults(own, beside, nameFromFile(file)) };
}

async function toAny(one: Opened): Promise<AnyModel> {
  return isSegmentation(one.raw)
    ? { kind: 'segmentation', model: toSegmentation(one) }
    : { kind: 'embedding', model: await toEmbedding(one) };
}

async function readAnyOnnx(loaded: Loaded, isForeign: boolean): Promise<AnyModel> {
  const graph = parseOnnx(loaded.source);
  const own = await asOwn(loaded, graph);
  if (own !== undefined && (own.kind !== 'embedding' || !isForeign)) return own;
  return { kind: 'foreign', model: await toForeign(loaded, graph, own?.model) };
}

/** A network that our engines run; undefined where the graph is another. */
async function asOwn(loaded: Loaded, graph: OnnxGraph): Promise<AnyModel | undefined> {
  try {
    return await toAny(opened(loaded, readOnnxGraph(loaded.source.label, graph)));
  } catch (error) {
    if (isWhospeaksError(error) && error.code === 'model-unsupported') return undefined;
    throw error;
  }
}

/** @param own the same network as our engines would run it: whoever runs it, it is one model. */
async function toForeign(
  { source, beside }: Loaded,
  graph: OnnxGraph,
  own: { readonly fingerprint: string } | undefined,
): Promise<ForeignModel> {
  const file = source.label;
  const facts = { ...(own && { framework: 'wespeaker' }), ...beside.facts };
  const network = describeForeign(source, graph, facts);
  const { name, calibration, scoring, cohort } = beside;
  if (cohort !== undefined && network.dimension === undefined) {
    throw corrupt(
      file,
      'a cohort, and nothing says how long an embedding is; state output_dim in the config',
    );
  }
  return {
    name: name ?? nameFromFile(file) ?? 'onnx',
    fingerprint: own?.fingerprint ?? network.fingerprint,
    calibration,
    scoring,
    cohort: cohort && (await readCohort(dirname(file), cohort, network.dimension!)),
    network,
  };
}

function toSegmentation({ file, raw, hints }: Opened): SegmentationWeights {
  return canonicalizeSegmentation(file, raw, hints.name);
}

async function toEmbedding({ file, raw, hints }: Opened): Promise<CanonicalModel> {
  const model = canonicalize(file, raw, hints);
  const folder = dirname(file);
  const { cohort, overlap } = hints;
  return {
    ...model,
    cohort: cohort && (await readCohort(folder, cohort, model.config.dimension)),
    overlap: overlap && (await readOverlapReadout(folder, overlap, model.config)),
  };
}

/** The model file that a path stands for: itself, or the one in a folder. Throws `model-not-found`. */
export async function findModelFile(path: string): Promise<string> {
  const info = await stat(path).catch((error: unknown) => {
    throw new WhospeaksError('model-not-found', `${path}: no such model file or folder; check the path`, {
      cause: error,
    });
  });
  if (!info.isDirectory()) return path;
  const names = await readdir(path);
  const known = IN_FOLDER.find((name) => names.includes(name));
  if (known) return join(path, known);
  const others = names.filter((name) => MODEL_SUFFIXES.has(extname(name)));
  if (others.length === 1) return join(path, others[0]!);
  const what = others.length === 0 ? 'holds no model file' : `holds ${others.length} model files`;
  throw new WhospeaksError('model-not-found', `${path}: the folder ${what}; name the file itself`);
}

async function readBytes(file: string): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size === 0) throw corrupt(file, 'the file is empty');
  if (size > MAX_FILE_BYTES)
    throw unsupported(file, `${size} bytes; models are limited to ${MAX_FILE_BYTES}`);
  try {
    return await readAtOnce(file, size);
  } catch (error) {
    throw new WhospeaksError('file-unreadable', `${file}: cannot be read; check its rights`, {
      cause: error,
    });
  }
}

/** In one piece: `readFile` reads half a megabyte at a time, each a turn of the event loop. */
async function readAtOnce(file: string, size: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const bytes = Buffer.allocUnsafeSlow(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await handle.read(bytes, at, size - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } finally {
    await handle.close();
  }
}

function readRaw(source: ModelSource): RawModel {
  const { bytes, label } = source;
  if (looksLikeSafetensors(bytes)) return readSafetensors(source);
  if (looksLikeZip(bytes)) {
    const entries = openZip(source);
    if (findTorchPickle(entries)) return readTorch(source, entries);
    if ([...entries.keys()].some((name) => name.endsWith('.npy'))) return readNpz(source, entries);
    throw unsupported(label, 'a zip archive without weights; expected numpy arrays or a PyTorch checkpoint');
  }
  if (looksLikeOnnx(bytes)) return readOnnx(source);
  throw explainOther(source);
}

/** What people have instead of a model, and what to do about it. */
function explainOther({ bytes, label }: ModelSource): WhospeaksError {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  if (start.startsWith('version https://git-lfs')) {
    return corrupt(label, 'a Git LFS pointer, not the weights that it points to');
  }
  if (/^\s*<(?:!doctype|html)/i.test(start)) return corrupt(label, 'a web page, not a model');
  if (bytes[0] === 0x80 && bytes[1]! <= 5) {
    return unsupported(
      label,
      "a bare pickle (torch's format before 1.6, or something else); save it again with a newer torch.save",
    );
  }
  return corrupt(label, 'not a model file that whospeaks knows (safetensors, npz, PyTorch zip, ONNX)');
}

function nameFromFile(file: string): string | undefined {
  const stem = basename(file, extname(file));
  return PLAIN_STEMS.has(stem) ? undefined : stem;
}
