import { WhospeaksError } from '../errors.js';
import { writeWholeFile } from '../whole-file.js';
import { toHalf } from './dtype.js';
import { unsupported } from './fault.js';
import { canonicalShapes } from './plan.js';
import type { AnyModel } from './read-model.js';
import type { SegmentationWeights } from './segmentation/canonical.js';
import type { CanonicalModel, Tensor } from './types.js';

/**
 * Serialise a model in the canonical form: BatchNorm fused, convolutions [out, kF, kT, in], F32, the names
 * of `CanonicalModel`, which are those of the published MLX file. The metadata keeps name, config
 * (WeSpeaker's field names) and calibration, so that the file needs no `config.json` beside it.
 */
export function encodeSafetensors(model: CanonicalModel): Uint8Array {
  const { config, name, calibration } = model;
  const metadata = {
    format: 'whospeaks',
    name,
    config: JSON.stringify({
      num_blocks: config.blocks,
      m_channels: config.channels,
      feat_dim: config.featureSize,
      embed_dim: config.dimension,
      pooling: config.attention?.kind ?? 'TSTP',
      two_emb_layer: config.hidden !== undefined,
      ...(config.block && { block: config.block }),
    }),
    ...(calibration && { calibration: JSON.stringify(calibration) }),
  };
  const tensors = [...canonicalShapes(config).keys()].map((key) => [key, model.tensors.get(key)!] as const);
  return encodeTensors(metadata, tensors);
}

/**
 * Serialise a segmentation network: pyannote's names, F32. With `halves`, matrices and convolutions are F16; norms,
 * biases and the filters' parameters, which are few, stay F32.
 */
export function encodeSegmentation(
  { name, tensors }: SegmentationWeights,
  { halves = false }: { readonly halves?: boolean } = {},
): Uint8Array {
  const isLarge = (key: string, { shape }: Tensor): boolean =>
    shape.length > 1 && !key.includes('filterbank');
  const metadata = { format: 'whospeaks', name, config: JSON.stringify({ architecture: 'pyannet' }) };
  return encodeTensors(metadata, [...tensors], (key, tensor) => halves && isLarge(key, tensor));
}

function encodeTensors(
  metadata: Readonly<Record<string, string>>,
  tensors: readonly (readonly [name: string, tensor: Tensor])[],
  isHalf: (name: string, tensor: Tensor) => boolean = () => false,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let dataBytes = 0;
  for (const [name, tensor] of tensors) {
    const half = isHalf(name, tensor);
    const { shape, data } = tensor;
    const values = half ? Uint16Array.from(data, toHalf) : data;
    const end = dataBytes + values.byteLength;
    header[name] = { dtype: half ? 'F16' : 'F32', shape, data_offsets: [dataBytes, end] };
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    dataBytes = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces after the JSON bring the data to a multiple of 8, as the format asks.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + dataBytes).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Write a model to `path`, serialised: either the whole file appears there, or nothing changes. */
export async function writeSafetensors(model: CanonicalModel, path: string): Promise<void> {
  await writeEncoded(path, encodeSafetensors(model));
}

/** As `writeSafetensors`, of whichever network. Rejects with `model-unsupported` where onnxruntime alone knows it. */
export async function writeAnyModel({ kind, model }: AnyModel, path: string): Promise<void> {
  if (kind === 'foreign') {
    throw unsupported(
      model.name,
      'no network of the family that whospeaks runs itself; there is nothing to convert',
    );
  }
  await writeEncoded(path, kind === 'embedding' ? encodeSafetensors(model) : encodeSegmentation(model));
}

async function writeEncoded(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeWholeFile(path, bytes);
  } catch (error) {
    throw new WhospeaksError(
      'model-unwritable',
      `cannot write ${path}: ${(error as Error).message}; check the folder, its rights and free space`,
      { cause: error },
    );
  }
}
