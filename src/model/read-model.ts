import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { WhospeaksError } from '../errors.js';
import { canonicalize } from './canonical.js';
import { readCohort } from './cohort-file.js';
import { parseConfig, readConfigFile, type ConfigHints } from './config.js';
import { corrupt, unsupported } from './fault.js';
import type { ModelSource, RawModel } from './raw.js';
import { readNpz } from './npz.js';
import { looksLikeOnnx } from './onnx/proto.js';
import { readOnnx } from './onnx/onnx.js';
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
  | { readonly kind: 'segmentation'; readonly model: SegmentationWeights };

/**
 * Read a speaker embedding model from a file, or from a folder that holds one, and bring it into the canonical form. The kind
 * of file is told by its content: safetensors (fused or not), `weights.npz`, a PyTorch zip, or ONNX. Nothing
 * in the file is run. Name and calibration come from the file's metadata, else from a `config.json` beside it,
 * which may name a cohort file and an overlap readout too.
 *
 * Throws `model-not-found`, `model-corrupt`, `model-unsupported`, `model-shape` or `model-unsafe`.
 */
export async function readModel(path: string): Promise<CanonicalModel> {
  const opened = await openModel(path);
  if (isSegmentation(opened.raw)) {
    throw unsupported(
      opened.file,
      'a segmentation network, which makes no embeddings; load it with SegmentationModel.fromFile',
    );
  }
  return toEmbedding(opened);
}

/** As `readModel`, of a segmentation network: see `SegmentationWeights`. */
export async function readSegmentation(path: string): Promise<SegmentationWeights> {
  const opened = await openModel(path);
  if (isSegmentation(opened.raw)) return toSegmentation(opened);
  throw unsupported(
    opened.file,
    'holds no tensor "lstm.weight_hh_l0"; expected the weights of pyannote/segmentation-3.0',
  );
}

/** As `readModel`, of whichever network the file holds. */
export async function readAnyModel(path: string): Promise<AnyModel> {
  const opened = await openModel(path);
  return isSegmentation(opened.raw)
    ? { kind: 'segmentation', model: toSegmentation(opened) }
    : { kind: 'embedding', model: await toEmbedding(opened) };
}

async function openModel(path: string): Promise<Opened> {
  const file = await findModelFile(path);
  const beside = await readConfigFile(join(dirname(file), 'config.json'));
  const source = { bytes: await readBytes(file), label: file };
  const raw = readRaw(source);
  const own = raw.metadata === undefined ? {} : parseConfig(file, raw.metadata);
  return { file, raw, hints: withDefaults(own, beside, nameFromFile(file)) };
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

function withDefaults(own: ConfigHints, beside: ConfigHints, name: string | undefined): ConfigHints {
  const defined = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return {
    name,
    ...Object.fromEntries(Object.entries(beside).filter(([, value]) => value !== undefined)),
    ...defined,
  };
}

function nameFromFile(file: string): string | undefined {
  const stem = basename(file, extname(file));
  return PLAIN_STEMS.has(stem) ? undefined : stem;
}
